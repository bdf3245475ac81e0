"""Which row of a source a line is about."""

from collections.abc import Sequence

from reports.comparison_facts import AgreedRow
from reports.explanation_facts import ExplainedRow
from reports.facts import AnomalyFacts
from reports.markdown import escape

Row = AnomalyFacts | AgreedRow
Keyed = Row | ExplainedRow

KNOWN_MEANING = "*Known*: whether the labels of the source call the row an anomaly."

_KEYS_SHOWN = 4


def key_names(rows: Sequence[Keyed]) -> list[str]:
    """Return the key columns of these rows that are shown; none where the source has none."""
    return list(dict.fromkeys(name for row in rows for name in row.key))[:_KEYS_SHOWN]


def key_headers(names: Sequence[str]) -> list[str]:
    """Return the headers of the cells that say which row it is."""
    return [escape(name) for name in names] or ["Row"]


def key_cells(row: Keyed, names: Sequence[str]) -> list[str]:
    """Return the cells that say which row it is: its key, else its number."""
    return [escape(row.key.get(name, "")) for name in names] or [f"{row.row:,}"]


def any_labelled(rows: Sequence[Row]) -> bool:
    """Return whether the source labels any of these rows."""
    return any(row.label is not None for row in rows)


def known_cell(row: Row) -> str:
    """Return whether the source calls the row an anomaly."""
    return {True: "yes", False: "no", None: ""}[row.label]
