"""Adding the same sources again and again, one line a round."""

import re
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from index.errors import DatelineError, InputError
from ui.client import Json

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
SHORTEST = 60
COUNTED = ("added", "changed", "unchanged", "skipped")

Told = frozenset[tuple[str, str]]
"""What was skipped in the round before, and why: it is named again only when that changes."""


def interval(text: str) -> int:
    """The seconds that "90s", "15m", "2h" or "1d" mean. Raises InputError."""
    found = re.fullmatch(r"(\d{1,6})\s*([smhd])", text.strip().lower())
    if found is None:
        raise InputError(f"--every is {text!r}; write it as 90s, 15m, 2h or 1d.")
    if (seconds := int(found[1]) * UNITS[found[2]]) < SHORTEST:
        raise InputError(f"--every is {text!r}; once a minute (1m) is the most often.")
    return seconds


def watch(
    add: Callable[[], Json],
    *,
    every: float,
    once: bool,
    tell: Callable[[str], None],
    now: Callable[[], datetime] = datetime.now,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> bool:
    """Call `add` every so many seconds, and tell what it reports, until Ctrl+C or SIGTERM; whether the last round went
    well. A round that fails says why, and the next one tries again.
    """
    told: Told = frozenset()
    well = True
    with _terminated_as_interrupted():
        try:
            while True:
                began = clock()
                well, told = _round(add, f"{now():%Y-%m-%d %H:%M}", told, tell)
                if once:
                    return well
                sleep(max(1.0, every - (clock() - began)))
        except KeyboardInterrupt:
            tell("Stopped.")
    return well


def _round(add: Callable[[], Json], time: str, told: Told, tell: Callable[[str], None]) -> tuple[bool, Told]:
    """One round: whether all went in, and what was skipped."""
    try:
        report = add()
    except (DatelineError, OSError) as error:
        tell(f"{time}  This round failed: {error}")
        return False, told
    tell(f"{time}  " + ", ".join(f"{len(report[name])} {name}" for name in COUNTED) + ".")
    skipped = frozenset((line["source"], line["reason"]) for line in report["skipped"])
    for line in report["notes"]:
        tell(f"  note: {line['source']}: {line['reason']}")
    for source, reason in sorted(skipped - told):
        tell(f"  skipped: {source}: {reason}")
    return not skipped, skipped


@contextmanager
def _terminated_as_interrupted() -> Iterator[None]:
    """SIGTERM ends what goes on as Ctrl+C does, with everything closed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
