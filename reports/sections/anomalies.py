"""Which rows are anomalous, and what about them."""

from reports.facts import AnomalyFacts, DetectionReport
from reports.markdown import bullets, glue, table
from reports.numbers import number
from reports.sections.row_keys import (
    KNOWN_MEANING,
    any_labelled,
    key_cells,
    key_headers,
    key_names,
    known_cell,
)
from reports.sections.value_chart import value_chart
from reports.sentences import Typical, clean_rows_as_high, standing_out

_TOP = 20


def anomaly_sections(report: DetectionReport) -> list[str]:
    """Return the table of the strongest anomalies and the chart of their values."""
    top = report.anomalies[:_TOP]
    if not top:
        return []
    typical = {c.name: c.typical for c in report.columns if c.typical is not None}
    title = "Anomalies" if report.n_anomalies <= _TOP else f"The {_TOP} strongest anomalies"
    return [
        f"## {title}",
        _table(top, typical, report.threshold.clean_rows),
        *_legend(top, report.threshold.clean_rows),
        *value_chart(top, typical),
    ]


def _table(top: tuple[AnomalyFacts, ...], typical: Typical, clean_rows: int | None) -> str:
    keys = key_names(top)
    labelled = any_labelled(top)
    headers = ["#", *key_headers(keys), "Score", "Clean rows as high"]
    headers += [*(["Known"] if labelled else []), "Values that stand out (typical range)"]
    rows = [
        [
            f"{anomaly.rank:,}",
            *key_cells(anomaly, keys),
            number(anomaly.score),
            glue(clean_rows_as_high(anomaly.p_value, clean_rows)),
            *([known_cell(anomaly)] if labelled else []),
            standing_out(anomaly.values, typical),
        ]
        for anomaly in top
    ]
    return table(headers, rows)


def _legend(top: tuple[AnomalyFacts, ...], clean_rows: int | None) -> list[str]:
    lines = []
    if clean_rows is not None:
        lines.append(
            f"*Clean rows as high*: how many clean rows score as high, by {clean_rows:,} rows "
            "drawn to be like those of the source but without its anomalies. Scores that hardly "
            "any of these reach are rated by the tail of theirs."
        )
    if any_labelled(top):
        lines.append(KNOWN_MEANING)
    return [bullets(lines)] if lines else []
