"""Which rows are anomalous, and what about them."""

from collections import defaultdict

from reports.charts.heat_table import STEPS, HeatColumn, heat_table
from reports.facts import AnomalyFacts, DetectionReport, RowValue
from reports.markdown import bullets, escape, glue, image, table
from reports.numbers import number, span
from reports.sentences import Typical, clean_rows_as_high, short, standing_out

_TOP = 20
_KEYS_SHOWN = 4
_CHART_COLUMNS = 8


def anomaly_sections(report: DetectionReport) -> list[str]:
    """Return the table of the strongest anomalies and the chart of their values."""
    top = report.anomalies[:_TOP]
    if not top:
        return []
    typical = {c.name: c.typical for c in report.columns if c.typical is not None}
    title = "Anomalies" if report.n_anomalies <= _TOP else f"The {_TOP} strongest anomalies"
    sections = [
        f"## {title}",
        _table(top, typical, report.threshold.clean_rows),
        *_legend(top, report.threshold.clean_rows),
    ]
    if any(anomaly.values for anomaly in top):
        sections += _chart(top, typical)
    return sections


def _table(top: tuple[AnomalyFacts, ...], typical: Typical, clean_rows: int | None) -> str:
    keys = list(dict.fromkeys(name for anomaly in top for name in anomaly.key))[:_KEYS_SHOWN]
    labelled = _any_labelled(top)
    headers = ["#", *(map(escape, keys) if keys else ["Row"]), "Score", "Clean rows as high"]
    headers += [*(["Known"] if labelled else []), "Values that stand out (typical range)"]
    rows = [
        [
            f"{anomaly.rank:,}",
            *([escape(anomaly.key.get(name, "")) for name in keys] or [f"{anomaly.row:,}"]),
            number(anomaly.score),
            glue(clean_rows_as_high(anomaly.p_value, clean_rows)),
            *([{True: "yes", False: "no", None: ""}[anomaly.label]] if labelled else []),
            standing_out(anomaly.values, typical),
        ]
        for anomaly in top
    ]
    return table(headers, rows)


def _any_labelled(top: tuple[AnomalyFacts, ...]) -> bool:
    return any(anomaly.label is not None for anomaly in top)


def _legend(top: tuple[AnomalyFacts, ...], clean_rows: int | None) -> list[str]:
    lines = []
    if clean_rows is not None:
        lines.append(
            f"*Clean rows as high*: how many of {clean_rows:,} rows, drawn to be like those of the "
            "source but without its anomalies, score as high."
        )
    if _any_labelled(top):
        lines.append("*Known*: whether the labels of the source call the row an anomaly.")
    return [bullets(lines)] if lines else []


def _chart(top: tuple[AnomalyFacts, ...], typical: Typical) -> list[str]:
    rows = [{value.column: value for value in anomaly.values} for anomaly in top]
    chosen = _columns_that_stand_out(rows)
    columns = [
        HeatColumn(
            name=name,
            typical=span(typical[name], 2) if name in typical else "",
            texts=tuple(short(row[name].value) if name in row else "" for row in rows),
            z=tuple(row[name].z if name in row else 0.0 for row in rows),
        )
        for name in chosen
    ]
    slight, clear, far = STEPS
    caption = (
        "Their values in the columns that set them apart; orange is above and blue is below what "
        f"is typical, in three steps (robust z beyond {slight:g}, {clear:g} and {far:g})"
    )
    if any(name not in row for name in chosen for row in rows):
        caption += "; an empty cell is not among the values of its row that stand out most"
    chart = heat_table([_row_name(anomaly) for anomaly in top], columns)
    alt = f"Values of {len(top)} anomalies in {len(chosen)} columns"
    return [f"{caption}:", image(chart, alt)]


def _columns_that_stand_out(rows: list[dict[str, RowValue]]) -> list[str]:
    weight: dict[str, float] = defaultdict(float)
    for row in rows:
        for name, value in row.items():
            # Capped: a column is of interest when many rows stand out in it, not one by far.
            weight[name] += min(abs(value.z), STEPS[-1])
    return sorted(weight, key=lambda name: -weight[name])[:_CHART_COLUMNS]


def _row_name(anomaly: AnomalyFacts) -> str:
    return f"{anomaly.rank} · {' '.join(anomaly.key.values()) or f'row {anomaly.row}'}"
