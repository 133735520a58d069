"""The table that `dateline eval` prints, as text and as JSON."""

import math
from dataclasses import asdict
from typing import Any

from qa.tabulate import Estimate, Evaluation, Row

HEADERS = ("", "Dateline", "95 %", "plain way", "95 %", "n")


def evaluation_json(evaluation: Evaluation) -> dict[str, object]:
    """The table with what it was measured on."""
    return {
        **evaluation.about,
        "rows": [_plain(asdict(row)) for row in evaluation.rows],
        "notes": list(evaluation.notes),
    }


def _plain(value: Any) -> Any:
    """Numbers rounded, and null for those that are none: JSON has no NaN."""
    if isinstance(value, dict):
        return {name: _plain(item) for name, item in value.items()}
    if isinstance(value, float):
        return None if math.isnan(value) else round(value, 4)
    return value


def evaluation_text(evaluation: Evaluation) -> str:
    """The table for a terminal; it is a Markdown table too, for a README."""
    lines = [_cells(HEADERS), "|---|---:|---:|---:|---:|---:|"]
    group = ""
    for row in evaluation.rows:
        if row.group != group:
            group = row.group
            lines.append(_cells((f"**{group}**", *[""] * 5)))
        lines.append(_cells(_line(row)))
    said = [f"{name}: {value}" for name, value in evaluation.about.items()]
    return "\n".join([*said, "", *lines, "", *(f"- {note}" for note in evaluation.notes)])


def _line(row: Row) -> tuple[str, ...]:
    ours = _figure(row.ours, row.group)
    plain = _figure(row.plain, row.group) if row.plain else ("", "")
    return (row.measure, *ours, *plain, str(row.ours.n))


def _figure(estimate: Estimate, group: str) -> tuple[str, str]:
    if math.isnan(estimate.value):
        return "–", ""
    digits = 0 if group == "milliseconds" else 1 if estimate.value > 1 else 3
    low, value, high = (f"{x:.{digits}f}" for x in (estimate.low, estimate.value, estimate.high))
    return value, f"{low}–{high}" if estimate.n else ""


def _cells(cells: tuple[str, ...]) -> str:
    first, *rest = cells
    return f"| {first:34} | {' | '.join(f'{c:>11}' for c in rest)} |"
