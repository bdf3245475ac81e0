"""Why each row has its score."""

from collections.abc import Iterable, Sequence

from reports.charts.waterfall import waterfall
from reports.explanation_facts import ContributionFacts, ExplainedRow, ExplanationReport
from reports.explanation_sentences import direction
from reports.markdown import bold, escape, glue, image, table, table_row
from reports.numbers import counted, number, signed, span
from reports.sections.row_keys import key_cells, key_headers, key_names
from reports.sentences import short

_DRAWN, _DRAWN_BYTES = 20, 380_000
_LISTED, _LISTED_BYTES = 100, 50_000
_MOST = 10  # features of a row
_SENTENCE = 400  # characters


def row_sections(report: ExplanationReport) -> list[str]:
    """Return the first rows with a plot each, the next ones in a table."""
    rows = (_row(row, report) for row in report.rows[:_DRAWN])
    drawn = _first_within(_DRAWN_BYTES, rows)
    return [*drawn, *_others(report.rows, len(drawn))]


def _first_within(most_bytes: int, texts: Iterable[str]) -> list[str]:
    """Return the first texts, as many as are no larger together."""
    first, size = [], 0
    for text in texts:
        size += len(text.encode())
        if size > most_bytes:
            break
        first.append(text)
    return first


def _row(row: ExplainedRow, report: ExplanationReport) -> str:
    stored = ["These contributions were stored by an earlier run."] if row.from_cache else []
    return "\n\n".join(
        [
            f"## {_name(row)}",
            bold(row.sentence, _SENTENCE),
            *stored,
            _plot(row, report),
            _table(row, report),
        ]
    )


def _name(row: ExplainedRow) -> str:
    """Say which row it is: by its key, else by its number."""
    keys = key_names([row])
    cells = zip(key_headers(keys), key_cells(row, keys), strict=True)
    name = ", ".join(f"{header} {cell}" for header, cell in cells)
    return f"{name}: " + ("no anomaly" if row.rank is None else f"anomaly {row.rank:,}")


def _plot(row: ExplainedRow, report: ExplanationReport) -> str:
    if not any(one.contribution for one in row.contributions):
        return "No feature contributes: the row scores as the background does."
    plot = waterfall(row, _lines(report), report.method.quantity)
    return image(plot, f"Waterfall from the base {number(row.base)} to {number(row.explained)}")


def _lines(report: ExplanationReport) -> int:
    """Return how many lines a row has at most, with that of the other features."""
    return min(report.max_features, _MOST) + 1


def _table(row: ExplainedRow, report: ExplanationReport) -> str:
    """Return base, contributions and residual, which add up to what is explained."""
    ordered = sorted(row.contributions, key=lambda one: -abs(one.contribution))
    lines = _lines(report)
    named = len(ordered) if len(ordered) <= lines else lines - 1
    shown, others = ordered[:named], ordered[named:]
    cells = [
        [
            escape(one.feature),
            _value(one),
            glue(span(one.typical)),
            glue(direction(one)),
            signed(one.contribution),
        ]
        for one in shown
    ]
    if others:
        rest = sum(one.contribution for one in others)
        cells.append([f"*{counted(len(others), 'other feature')}*", "", "", "", signed(rest)])
    cells.append(["*base*", "", "", "", number(row.base)])
    cells.append(["*residual*", "", "", "", signed(row.residual)])
    cells.append([f"**{report.method.quantity}**", "", "", "", f"**{number(row.explained)}**"])
    return table(["Feature", "Value", "Typical", "The value is", "Contribution"], cells)


def _value(one: ContributionFacts) -> str:
    """Return a value, and the number in its place where that is another."""
    if isinstance(one.value, int | float) and float(one.value) == one.encoded:
        return escape(one.value) if isinstance(one.value, bool) else number(one.value)
    shown = escape(short(one.value), 40)
    return f"{glue(shown)} {glue(f'(counts as {number(one.encoded)})')}"


def _others(rows: Sequence[ExplainedRow], n_drawn: int) -> list[str]:
    """Return a table of the rows that are not drawn."""
    others = rows[n_drawn:]
    if not others:
        return []
    keys = key_names(others)
    lines = (table_row(_line(row, keys)) for row in others[:_LISTED])
    listed = _first_within(_LISTED_BYTES, lines)
    more = len(others) - len(listed)
    return [
        f"## {counted(len(others), 'more row')}",
        f"Pictures of more than the first {n_drawn:,} would make the page too heavy.",
        "\n".join([table(["#", *key_headers(keys), "Score", "Why"], []), *listed]),
        *([f"And {counted(more, 'more row')}."] if more else []),
    ]


def _line(row: ExplainedRow, keys: Sequence[str]) -> list[str]:
    return [
        "" if row.rank is None else f"{row.rank:,}",
        *key_cells(row, keys),
        number(row.score),
        escape(row.sentence, _SENTENCE // 2),
    ]
