"""What the figures of an explanation mean, in words."""

from reports.explanation_facts import (
    ContributionFacts,
    Direction,
    ExplanationReport,
    Quantity,
)
from reports.markdown import code_span, escape
from reports.numbers import counted

_SIGNS: dict[Direction, str] = {
    "unusually high": "▲",
    "unusually low": "▼",
    "rare": "◆",
    "usual": "",
}
_INSTEAD_OF_SCORES: dict[Quantity, str] = {
    "minus mean path length": "What is explained is minus the mean path length in the trees, in "
    "place of the score: it orders rows in the same way.",
    "score as a new row": "What is explained is the score that the values have as a new row: this "
    "detector scores the rows of its own table otherwise, where none is its own neighbour.",
}


def explanation_headline(report: ExplanationReport) -> str:
    """Say which rows of what are explained, and whose scores they are."""
    source = code_span(report.source)
    according = f"according to {escape(report.detector)}"
    if not report.rows:
        return f"No row of {source} is explained"
    n = len(report.rows)
    rows = f"{counted(n, 'row')} of {source}"
    if all(row.is_anomaly for row in report.rows):
        return f"Why {rows} {'is' if n == 1 else 'are'} anomalous {according}"
    return f"Why {rows} {'scores as it does' if n == 1 else 'score as they do'} {according}"


def how_to_read(report: ExplanationReport) -> list[str]:
    """Say what contributions are, how exact they are, and which detector they explain."""
    method = report.method
    exact = "exact up to rounding" if method.exact else f"sampled with seed {method.seed}"
    words = [
        f"A contribution is how far a feature moves the {method.quantity} of a row from the "
        f"*base*, its mean over {counted(method.background_rows, 'background row')}: positive "
        "(red) towards anomalous, negative (blue) away from it. "
        f"Contributions are Shapley values ({escape(method.words, 200)}; {exact}). "
        "*Typical* is a range that holds 5 to 95 % of the background."
    ]
    if method.quantity in _INSTEAD_OF_SCORES:
        words.append(_INSTEAD_OF_SCORES[method.quantity])
    if method.refitted is not None:
        words.append(f"**The detector was fitted again for this**: {escape(method.refitted, 300)}.")
    return words


def direction(contribution: ContributionFacts) -> str:
    """Say how unusual a value is."""
    return f"{_SIGNS[contribution.direction]} {contribution.direction}".strip()
