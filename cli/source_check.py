"""``vigil sources check``: whether a source can be read, and what is in it."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from cli.database import database
from cli.group import CommandError
from cli.options import AsJson, SourceName
from cli.output import console, make_table, print_json
from cli.prefect_session import prepare_prefect
from cli.progress import Progress
from reports.numbers import NOTHING, counted

if TYPE_CHECKING:
    import pandas as pd

    from cli.shapes import CheckedSourceShape
    from models.tables.source import Source

_ROWS = 10
_ROWS_SHOWN = 3
_WIDE = 100


def check(
    name: SourceName,
    as_json: AsJson = False,
) -> None:
    """Read the first ten rows, and say what is in them or what is wrong."""
    from cli.shapes import CheckedColumnShape, CheckedSourceShape
    from models.queries.sources import get_source

    with database() as session:
        source = get_source(session, name)
    frame = _read(source)
    _check_columns(source, list(frame.columns))
    checked = CheckedSourceShape(
        name=name,
        kind=source.kind,
        rows_read=len(frame),
        columns=[
            CheckedColumnShape(
                name=column,
                dtype=str(frame[column].dtype),
                role=_role(source, column),
                read_as=_read_as(source, frame[column]),
            )
            for column in frame.columns
        ],
        rows=_plain_rows(frame),
    )
    if as_json:
        print_json(checked)
    else:
        _print_checked(checked)


def _read(source: "Source") -> "pd.DataFrame":
    prepare_prefect()  # a secret may be in one of its blocks
    with Progress() as progress:
        progress.say(f"reading the first {_ROWS} rows of {source.name}")
        from tasks.read_source import read_source

        return read_source(source, limit=_ROWS)


def _check_columns(source: "Source", present: list[str]) -> None:
    """Raise if a column that the source declares is not there."""
    from sources.validation import closest

    declared: dict[str, Sequence[str | None]] = {
        "key_columns": source.key_columns,
        "cursor_column": [source.cursor_column],
        "label_column": [source.label_column],
        "columns": source.columns or [],
    }
    for field, names in declared.items():
        for name in names:
            if name is not None and name not in present:
                raise CommandError(
                    f"source {source.name} declares {field} {name}, and its rows have no such "
                    f"column{closest(name, present)}"
                )


def _read_as(source: "Source", series: "pd.Series") -> str:
    from detectors.features import describe_column

    role = _role(source, str(series.name))
    if role is not None and series.name not in (source.columns or ()):
        return role
    if source.columns is not None and series.name not in source.columns:
        return "left out: not among `columns`"
    return describe_column(series, named=source.columns is not None)


def _role(source: "Source", column: str) -> str | None:
    if column in source.key_columns:
        return "key"
    roles = {source.cursor_column: "cursor", source.label_column: "label"}
    return roles.get(column)


def _plain_rows(frame: "pd.DataFrame") -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(frame.to_json(orient="records", date_format="iso"))
    return rows


def _print_checked(checked: "CheckedSourceShape") -> None:
    out = console()
    shown = checked.rows[: _ROWS_SHOWN if out.width >= _WIDE else 1]
    out.print(
        f"{checked.name} can be read: {counted(checked.rows_read, 'row')} tried, "
        f"{counted(len(checked.columns), 'column')}."
    )
    table = make_table(
        "column", "dtype", "role", "read as", *(f"row {i}" for i in range(len(shown)))
    )
    for column in checked.columns:
        values = (_cell(row[column.name]) for row in shown)
        short = column.read_as.partition(":")[0]
        table.add_row(column.name, column.dtype, column.role or "", short, *values)
    out.print(table)
    for column in checked.columns:
        if ":" in column.read_as:
            out.print(f"{column.name} is {column.read_as}")


def _cell(value: Any) -> str:
    if value is None:
        return NOTHING
    text = str(value).removesuffix("T00:00:00.000")
    return text if len(text) <= 30 else f"{text[:29]}…"
