"""Explanations as commands show them."""

from rich.console import Console

from cli.explanation_shapes import ExplanationShape, FeatureImportanceShape
from cli.output import make_facts, make_table, moment
from detectors.explanation.contributions import is_exact
from reports.numbers import counted, number, percent, span
from reports.sentences import short


def print_row(out: Console, one: ExplanationShape) -> None:
    """Print why one row has its score: a sentence, and what each feature adds."""
    key = "" if one.row_key is None else f" ({one.row_key})"
    kind = "anomaly" if one.is_anomaly else "no anomaly"
    out.print(f"row {one.row_index}{key}: {kind}, score {number(one.anomaly_score)}", style="bold")
    out.print(one.summary, soft_wrap=True)
    unit = "" if one.quantity == "score" else f" to {one.quantity}"
    right = (f"contribution{unit}",)
    table = make_table("feature", "value", "typical", "the value is", *right, right=right)
    for share in one.feature_contributions:
        table.add_row(
            share.feature,
            short(share.value),
            span((share.typical_low, share.typical_high), 3),
            share.direction,
            signed(share.shap_value),
        )
    out.print(table)
    left = one.feature_count - len(one.feature_contributions)
    if left:
        shown = sum(share.shap_value for share in one.feature_contributions)
        rest = f"{counted(left, 'more feature')} {signed(one.total_shap - shown)}"
        out.print(f"{rest}; all with --max-features {one.feature_count}", style="dim")


def print_method(out: Console, one: ExplanationShape) -> None:
    """Print how the contributions of a row were found, and that they add up."""
    sampled = "exact" if is_exact(one.method) else f"sampled with seed {one.seed}"
    facts = {
        "explained": f"{one.quantity}, by {one.method} ({sampled})",
        "sum": f"base {number(one.base_value)} + contributions {signed(one.total_shap)} "
        f"+ residual {signed(one.residual)} = {number(one.explained_value)}",
        "percentile": f"{percent(one.score_percentile / 100)} of rows score no more",
        "background": f"{counted(one.background_size, 'row')}",
        "detector": "fitted again, since it was too large to store, or is pruned"
        if one.refitted
        else "as it was stored",
        "created": f"{moment(one.created_at)} UTC",
    }
    out.print(make_facts(facts.items()))


def print_importance(out: Console, importance: list[FeatureImportanceShape]) -> None:
    """Print which features matter most over all explained rows."""
    right = ("mean |contribution|",)
    table = make_table("feature", *right, right=right)
    for one in importance:
        table.add_row(one.feature, number(one.mean_contribution, 3))
    out.print(table)


def signed(value: float) -> str:
    """Return a contribution with its sign: +0.12, -0.003."""
    return f"{value:+.3g}"
