"""Which features matter over all explained rows."""

from reports.charts.importance import beeswarm, importance_bars
from reports.explanation_facts import ExplanationReport
from reports.markdown import escape, glue, image, table
from reports.numbers import counted, number, percent

_MOST = 12  # features
_FEWEST_DOTS = 10  # rows: fewer make no swarm


def importance_sections(report: ExplanationReport) -> list[str]:
    """Return the plot and the table of the features that matter; none for a single row."""
    total = sum(one.mean_contribution for one in report.importance)
    if len(report.rows) < 2 or not total:
        return []
    shown = report.importance[:_MOST]
    lines = [
        [escape(one.feature), number(one.mean_contribution), _share(one.mean_contribution, total)]
        for one in shown
    ]
    more = len(report.importance) - len(shown)
    return [
        f"## Features that matter in these {len(report.rows):,} rows",
        _plot(report),
        table(["Feature", glue("Mean |contribution|".replace("|", r"\|")), "Share"], lines),
        *([f"And {counted(more, 'more feature')}."] if more else []),
    ]


def _share(mean: float, total: float) -> str:
    return glue(percent(mean / total))


def _plot(report: ExplanationReport) -> str:
    n_rows, n_features = f"{len(report.rows):,} rows", counted(len(report.importance), "feature")
    if len(report.rows) <= _FEWEST_DOTS:
        bars = importance_bars(report.importance, _MOST)
        return image(bars, f"Mean absolute contributions of {n_features} in {n_rows}")
    return image(beeswarm(report.rows, _MOST), f"Contributions of {n_features} in {n_rows}")
