"""The records in a JSON, JSON Lines or CSV file, read without holding a long file in memory."""

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TextIO

from index.decode import SAMPLE, checked, decode, encoding
from index.errors import InputError
from index.records import NAMES

LARGEST_JSON = 50_000_000
LONGEST_LINE = 20_000_000
MOST_VALUES = 3_000_000
"""Values in one JSON text, of 100 bytes each. An article has a dozen, and each comma of its text counts as one."""
MOST_COLUMNS = 10_000
MOST_CELLS = 1_000_000
"""Cells of a line, or commas of the text in it."""

UNDECODED = re.compile("[\udc80-\udcff]")

Row = tuple[str, Mapping[str, object] | InputError]
"""Where in the file ("line 7"), and the fields there or what is wrong with them."""


def rows(path: Path, suffix: str) -> Iterator[Row]:
    """The records of a file with one of the suffixes .json, .jsonl, .ndjson, .csv, .tsv, in order.

    Raises InputError when the file as a whole cannot be read, OSError when it cannot be opened.
    """
    if suffix == ".json":
        yield from _json(path)
        return
    with path.open("rb") as raw:
        head = raw.read(SAMPLE)
        if not head.strip():
            raise InputError("It is empty.")
        is_csv = suffix in (".csv", ".tsv")
        name = encoding(head, guess=is_csv)  # JSON is UTF-8 by its standard (RFC 8259)
        checked(head.decode(name, "ignore"))
        raw.seek(0)
        ends = "" if is_csv else "\n"  # a CSV field may hold line ends, a JSON line none
        # Undecodable bytes become lone surrogates, so that they spoil one record and not the file.
        lines = io.TextIOWrapper(raw, encoding=name, errors="surrogateescape", newline=ends)
        yield from _csv(lines, suffix) if is_csv else _jsonl(lines)


def _json(path: Path) -> Iterator[Row]:
    size = path.stat().st_size
    if size > LARGEST_JSON:
        raise InputError(
            f"It has {size // 1_000_000:,} MB, and {LARGEST_JSON // 1_000_000} is the most for .json: "
            "write it as .jsonl, which is read line by line."
        )
    whole = _parsed(decode(path.read_bytes()))
    if isinstance(whole, dict):
        lists = [value for value in whole.values() if isinstance(value, list)]
        texts = [name for name, value in whole.items() if isinstance(value, str) and name.lower() in NAMES["text"]]
        if texts or len(lists) != 1 or not any(isinstance(item, dict) for item in lists[0]):
            yield "", whole
            return
        whole = lists[0]
    if not isinstance(whole, list):
        raise InputError("It holds neither an object nor a list of objects.")
    if not whole:
        raise InputError("Its list of articles is empty.")
    for number, item in enumerate(whole, 1):
        yield f"record {number}", item if isinstance(item, dict) else InputError("It is not an object with fields.")


def _jsonl(lines: TextIO) -> Iterator[Row]:
    number = 0
    while line := lines.readline(LONGEST_LINE):
        number += 1
        whole = _written(line).endswith("\n") or len(line) < LONGEST_LINE
        while not whole:
            rest = _written(lines.readline(1 << 20))
            whole = not rest or rest.endswith("\n")
        place = f"line {number}"
        if len(line) >= LONGEST_LINE:
            yield place, InputError(f"It has over {LONGEST_LINE // 1_000_000} MB: one line is one article.")
        elif line.strip():
            try:
                fields = _parsed(_readable(line.strip()))
                yield place, fields if isinstance(fields, dict) else InputError("It is not an object with fields.")
            except InputError as error:
                yield place, error


def _csv(lines: TextIO, suffix: str) -> Iterator[Row]:
    ended = False

    def watched() -> Iterator[str]:
        nonlocal ended
        while line := lines.readline(LONGEST_LINE):
            if line.count(separator) > MOST_CELLS:
                raise InputError(f"It has a line of over {MOST_CELLS:,} cells; that and the rest of it were not read.")
            yield _written(line)
        ended = True

    csv.field_size_limit(LONGEST_LINE)  # the default, 128 KB, is shorter than a long read
    header = lines.readline(LONGEST_LINE)
    separator = "\t" if suffix == ".tsv" else max(",;\t", key=header.count)
    if header.count(separator) > MOST_COLUMNS:
        raise InputError(f"It has over {MOST_COLUMNS:,} columns.")
    try:
        names = [name.strip() for name in next(csv.reader([header], delimiter=separator), [])]
    except csv.Error as error:
        raise InputError(f"Its first line, which should name the columns, is not CSV ({error}).") from error
    if not any(name.lower().replace("_", "").replace(" ", "") in NAMES["text"] for name in names):
        named = ", ".join(name[:40] for name in names[:12]) or "none"
        raise InputError(f"It has no column named text, body or content; its columns are {named}.")
    try:
        reader = csv.reader(watched(), delimiter=separator)
        for number, cells in enumerate(reader, 2):
            place = f"row {number}"
            if ended:
                yield place, InputError("A quotation mark that opens here is never closed.")
            elif len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                yield place, InputError(f"It has {len(cells)} cells for {len(names)} columns: is a quote missing?")
            elif any(cell.strip() for cell in cells):
                try:
                    yield place, {name: _readable(cell) for name, cell in zip(names, cells, strict=False)}
                except InputError as error:
                    yield place, error
    except csv.Error as error:
        yield f"line {reader.line_num + 1}", InputError(f"It is not CSV ({error}); the rest of the file was not read.")


def _written(line: str) -> str:
    """`line`, unless it is no text: a file with a hole of a terabyte would be read for an hour."""
    if "\0" in line:
        raise InputError("It is binary from some line on; that and the rest of it were not read.")
    return line


def _readable(text: str) -> str:
    """`text`, unless some of its bytes could not be decoded."""
    if UNDECODED.search(text):
        raise InputError("It has bytes that are not in the encoding of the file: save it as UTF-8.")
    return text


def _parsed(text: str) -> object:
    if sum(map(text.count, ",[{")) > MOST_VALUES:
        raise InputError(f"Its JSON has over {MOST_VALUES:,} values, more than articles have: split it.")
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text else ""
        raise InputError(f"It is not JSON: {error.msg.removesuffix(' at')} at {line}column {error.colno}.") from None
    except RecursionError:
        raise InputError("Its JSON is nested too deeply to be an article.") from None
    except ValueError:  # Python's guard against numbers that take quadratic time
        raise InputError("Its JSON has a number of thousands of digits.") from None
