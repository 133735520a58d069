"""A few of the kills of `tests/kills.py`; `python tests/kills.py` does hundreds."""

from pathlib import Path

from kills import run


def test_whatever_is_killed_nothing_is_lost_and_nothing_is_wrong(tmp_path: Path) -> None:
    at = run(tmp_path, 5, seed=100)
    assert sum(at.values()) == 5
