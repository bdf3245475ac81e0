"""Explanations small enough to be worked out by hand."""

from reports.explanation_facts import (
    ContributionFacts,
    ExplainedRow,
    ExplanationCommands,
    ExplanationMethod,
    ExplanationReport,
    FeatureImportance,
)


def contribution(feature: str, amount: float, encoded: float = 5.0, **more) -> ContributionFacts:
    low, high = typical = more.pop("typical", (1.0, 9.0))
    direction = (
        "unusually high" if encoded > high else "unusually low" if encoded < low else "usual"
    )
    facts = {"value": encoded, "direction": direction} | more
    return ContributionFacts(
        feature, encoded=encoded, typical=typical, contribution=amount, **facts
    )


def explained(rank: int | None, *contributions: ContributionFacts, **more) -> ExplainedRow:
    number = 100 + (rank or 0)
    total = 0.4 + sum(one.contribution for one in contributions)
    facts = {
        "row": number,
        "is_anomaly": rank is not None,
        "score": total,
        "percentile": 99.5,
        "base": 0.4,
        "explained": total,
        "residual": 0.0,
        "sentence": f"Row {number} is the {rank}th.",
        "key": {"order_id": f"A-{rank}"},
        "rank": rank,
    }
    return ExplainedRow(contributions=contributions, **(facts | more))


def orders(rank: int) -> ExplainedRow:
    """A row whose amount is too high; two values of it are no numbers."""
    return explained(
        rank,
        contribution("quantity", -0.02),
        contribution("amount", 0.3 / rank, 1000.0),
        contribution("country", 0.05, 0.002, value="LI", typical=(0.1, 0.4), direction="rare"),
        contribution("delay", 0.001, 0.2, value=None, typical=(0.1, 0.4)),
    )


def explanation(*rows: ExplainedRow, **more) -> ExplanationReport:
    by_feature = zip(*(row.contributions for row in rows), strict=True)
    importance = [
        FeatureImportance(ones[0].feature, sum(abs(one.contribution) for one in ones) / len(rows))
        for ones in by_feature
    ]
    facts = {
        "source": "orders",
        "detection_id": "7f3c2a9e-52d4-4d6b-9d5e-8a4f0c1e2b77",
        "detector": "Isolation forest",
        "threshold": 0.55,
        "seconds": 1.84,
        "method": ExplanationMethod("score", "coalitions in every tree", True, 100, 5),
        "importance": tuple(sorted(importance, key=lambda one: -one.mean_contribution)),
        "commands": ExplanationCommands(
            "vigil explanations show 7f3c2a9e", "vigil explain 7f3c2a9e --top 5"
        ),
        "parameters": {"n_estimators": 300},
        "versions": {"vigil": "0.1.0"},
    }
    return ExplanationReport(rows=rows, **(facts | more))
