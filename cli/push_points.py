"""Points as a person hands them over."""

import json
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli.group import CommandError

if TYPE_CHECKING:
    from tasks.streams.push_points import Point

_BESIDE_VALUES = {"timestamp", "key"}


@dataclass(frozen=True)
class GivenPoint:
    """A point before it is checked, and where it stands."""

    where: str
    fields: dict[str, Any]


def point_of_options(values: Sequence[str], key: str | None) -> GivenPoint:
    """Return the point that ``--value`` and ``--key`` describe.

    Raises:
        CommandError: a value is not ``column=number``, or a column is given twice.
    """
    numbers: dict[str, float] = {}
    for assignment in values:
        column, equals, text = assignment.rpartition("=")
        try:
            number = float(text)
        except ValueError:
            equals = ""
        if not (column and equals):
            raise CommandError(f"--value {assignment}: expected column=number")
        if column in numbers:
            raise CommandError(f"--value {assignment}: {column} is given twice")
        numbers[column] = number
    return GivenPoint("--value", {"values": numbers, "key": key})


def read_point_lines(file: Path) -> list[GivenPoint]:
    """Return the points of a file of JSON objects, one a line; of stdin for ``-``.

    An object holds numbers by column, or has them under ``values`` beside ``timestamp`` and
    ``key``.

    Raises:
        CommandError: the file cannot be read, or a line is no JSON object; the message names it.
    """
    if str(file) == "-":
        return list(_read(sys.stdin, "stdin"))
    try:
        with file.open(encoding="utf-8") as lines:
            return list(_read(lines, str(file)))
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{file}: cannot be read as text: {error}") from error


def check_points(given: Sequence[GivenPoint]) -> "list[Point]":
    """Return the points, checked.

    Raises:
        CommandError: one is not as the flow takes it; the message says where and why.
    """
    from pydantic import ValidationError

    from sources.validation import describe_problems
    from tasks.streams.push_points import Point

    points = []
    for each in given:
        try:
            points.append(Point.model_validate(each.fields))
        except ValidationError as error:
            problems = "; ".join(describe_problems(error, tuple(Point.model_fields)))
            raise CommandError(f"{each.where}: {problems}") from None
    return points


def _read(lines: Iterable[str], name: str) -> Iterator[GivenPoint]:
    from sources.json_text import AS_WRITTEN

    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        where = f"{name}, line {number}"
        try:
            fields = json.loads(line, **AS_WRITTEN)
        except ValueError as error:
            raise CommandError(f"{where}: not JSON: {error}") from None
        if not isinstance(fields, dict):
            raise CommandError(f'{where}: expected an object such as {{"cpu": 41.5}}')
        yield GivenPoint(where, _with_values(fields))


def _with_values(fields: dict[str, Any]) -> dict[str, Any]:
    if isinstance(fields.get("values"), dict):
        return fields
    values = {name: value for name, value in fields.items() if name not in _BESIDE_VALUES}
    beside = {name: value for name, value in fields.items() if name in _BESIDE_VALUES}
    return {"values": values, **beside}
