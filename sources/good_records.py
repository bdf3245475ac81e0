"""JSON records that make rows: those that do not are left out, what cannot be kept is replaced."""

import json
from collections.abc import Iterable, Iterator, Sequence
from io import BufferedReader
from typing import Any

from sources.bad_rows import BadRows, has_unkept
from sources.growing_file import PAGE_BYTES
from sources.json_text import hides_writing, load_json, may_hold_unkept

Record = dict[str, Any]


def good_records(
    bad: BadRows, records: Iterable[Any], unkept: bool = True, first: int = 1
) -> Iterator[tuple[int, Any]]:
    """Yield the records of a list that make rows, each with its number.

    Args:
        bad: notes those that are left out.
        records: JSON values.
        unkept: whether texts in them may hold what no database can keep.
        first: number of the first record.

    Raises:
        SourceError: so many are bad that the format is another one.
    """
    kind = None  # a list of lists is told as a whole what it should be
    for number, record in enumerate(records, first):
        kind = kind or (list if isinstance(record, list) else dict)
        if not isinstance(record, kind):
            bad.leave_out(
                f"record {number}",
                f"is {_kind(record)}: expected an object with a value for each column, "
                'e.g. {"id": 1}',
            )
            continue
        good = _keepable(bad, record, f"record {number}") if unkept else record
        if good is not None:
            bad.n_rows += 1
            yield number, good


def parsed_lines(
    bad: BadRows,
    lines: Iterable[bytes],
    first: int = 1,
    keys: Sequence[str] = (),
    lists: bool = False,
) -> Iterator[tuple[int, Any]]:
    """Yield the number and the object of each line that holds one; blank lines are none.

    Args:
        bad: notes the lines that are left out.
        lines: of JSON in UTF-8.
        first: number of the first line.
        keys: paths of the columns whose numbers know how they are written.
        lists: whether a line may hold a list as well.

    Raises:
        SourceError: so many are bad that the format is another one.
    """
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        where = f"line {number}"
        record = _object(bad, line, where, keys, lists, is_first=number == 1)
        if record is not None and may_hold_unkept(line):
            record = _keepable(bad, record, where)
        if record is not None:
            bad.n_rows += 1
            yield number, record


def bounded_lines(bad: BadRows, stream: BufferedReader) -> Iterator[bytes]:
    """Yield the lines of a file; one that is longer than a page is left out, and blank."""
    number = 0
    while line := stream.readline(PAGE_BYTES):
        number += 1
        if len(line) == PAGE_BYTES and not line.endswith(b"\n"):
            bad.leave_out(f"line {number}", f"is longer than {PAGE_BYTES} bytes: is it JSON lines?")
            while line and not line.endswith(b"\n"):
                line = stream.readline(PAGE_BYTES)
            line = b"\n"
        yield line


def _object(
    bad: BadRows, line: bytes, where: str, keys: Sequence[str], lists: bool, is_first: bool
) -> Any:
    try:
        text = line.rstrip(b"\r\n")
        record = load_json(text)
        if keys and hides_writing([record], keys):
            record = load_json(text, as_written=True)
    except json.JSONDecodeError as error:
        advice = "a whole document is `kind: json`" if is_first else "correct the line"
        if b"\0" in line:
            advice = "it holds NUL bytes: was it cut off while its writer went on where it was?"
        why = f"is not valid JSON at column {error.colno}: {error.msg}: {advice}"
    except RecursionError:
        why = "is nested too deeply to be read"
    except ValueError as error:  # a number with thousands of digits
        why = f"is not JSON that can be read: {error}"
    else:
        if isinstance(record, (dict, list) if lists else dict):
            return record
        why = (
            "holds no object: expected one with a value for each column, "
            'e.g. {"id": 1}; a list of objects is `kind: json`'
        )
    bad.leave_out(where, why)
    return None


def _keepable(bad: BadRows, record: Any, where: str) -> Any:
    if isinstance(record, list):
        return [bad.kept(value, str(number), lambda: where) for number, value in enumerate(record)]
    for name in record:
        if has_unkept(name):  # replaced, it could be the name of another column
            bad.leave_out(where, f"has the key {name!r}, which no column can be named: rename it")
            return None
    return {name: bad.kept(value, name, lambda: where) for name, value in record.items()}


def _kind(record: Any) -> str:
    names = {list: "a list", dict: "an object", str: "a text", bool: "a boolean"}
    return "nothing" if record is None else names.get(type(record), "a number")
