"""Which rows are anomalous, and what about them."""

from reports.charts.heat_table import HeatColumn, heat_table
from reports.facts import EXTREME_Z, AnomalyFacts, DetectionReport
from reports.markdown import escape, glue, image, table
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
    sections = [f"## {title}", _table(top, typical, report.threshold.clean_rows)]
    if report.threshold.clean_rows is not None:
        sections.append(
            f"*Clean rows as high*: how many of {report.threshold.clean_rows:,} rows, drawn to be "
            "like those of the source but without its anomalies, have such a score."
        )
    if any(anomaly.values for anomaly in top):
        sections += [
            "Their values in the columns that set them apart; orange is above and blue is below "
            f"what is typical, in three steps (robust z beyond {EXTREME_Z:g}, 7 and 14):",
            _chart(top, typical),
        ]
    return sections


def _table(top: tuple[AnomalyFacts, ...], typical: Typical, clean_rows: int | None) -> str:
    keys = list(dict.fromkeys(name for anomaly in top for name in anomaly.key))[:_KEYS_SHOWN]
    labelled = any(anomaly.label is not None for anomaly in top)
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


def _chart(top: tuple[AnomalyFacts, ...], typical: Typical) -> str:
    rows = [{value.column: value for value in anomaly.values} for anomaly in top]
    weight: dict[str, float] = {}
    for row in rows:
        for name, value in row.items():
            # Capped: a column is of interest when many rows stand out in it, not one by far.
            weight[name] = weight.get(name, 0.0) + min(abs(value.z), 4 * EXTREME_Z)
    chosen = sorted(weight, key=lambda name: -weight[name])[:_CHART_COLUMNS]
    columns = [
        HeatColumn(
            name=name,
            typical=span(typical[name], 3) if name in typical else "",
            texts=tuple(short(row[name].value) if name in row else "" for row in rows),
            z=tuple(row[name].z if name in row else 0.0 for row in rows),
        )
        for name in chosen
    ]
    chart = heat_table([_row_name(anomaly) for anomaly in top], columns)
    return image(chart, f"Values of {len(top)} anomalies in {len(chosen)} columns")


def _row_name(anomaly: AnomalyFacts) -> str:
    return f"{anomaly.rank}  {' '.join(anomaly.key.values()) or f'row {anomaly.row}'}"
