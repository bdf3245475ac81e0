"""Where the detectors of a comparison agree: by level, and two by two."""

from reports.charts.agreement_matrix import STEPS, agreement_matrix
from reports.charts.bars import Bar, bar_chart
from reports.charts.score_scatter import score_scatter
from reports.comparison_facts import ComparisonReport, LevelFacts, ScorePairs, succeeded
from reports.level_words import flagged_by, flagging
from reports.markdown import bold, glue, image, table
from reports.numbers import NOTHING, counted, percent


def agreement_sections(report: ComparisonReport) -> list[str]:
    """Return the levels of agreement, each pair of detectors, and the pair least alike."""
    n = len(succeeded(report.detectors))
    if n < 2:
        return []
    return [*_levels(report, n), *_pairs(report), *_least_alike(report)]


def _levels(report: ComparisonReport, n: int) -> list[str]:
    # "Some" of three detectors is "majority": levels that no row could have are left out.
    levels = [level for level in report.levels if flagging(level.level, n)]
    flagged = sum(level.rows for level in levels)
    if not flagged:
        return []
    graded = any(level.found is not None for level in levels)
    headers = ["Level", "Flagged by", "Rows", "Share"]
    headers += ["Known anomalies", "Precision", "Recall"] if graded else []
    lines = [_level(level, n, flagged, graded) for level in levels]
    total = [f"{sum(level.found or 0 for level in levels):,}", "", ""] if graded else []
    lines.append(["**sum**", "any", f"**{flagged:,}**", "100 %", *total])
    bars = [
        Bar(
            f"{level.level}: {flagged_by(level.level, n)}",
            level.rows,
            counted(level.rows, "row") + (f", {level.found:,} known" if level.found else ""),
            level.found or 0,
        )
        for level in levels
    ]
    caption = "Rows by level" + (
        "; orange are those that the source labels as anomalies:" if graded else ":"
    )
    return [
        "## Agreement",
        "Each flagged row has one level: how many of the detectors that succeeded flag it.",
        table(headers, lines),
        caption,
        image(bar_chart(bars), "Flagged rows by level of agreement"),
    ]


def _level(level: LevelFacts, n: int, flagged: int, graded: bool) -> list[str]:
    cells = [level.level, glue(flagged_by(level.level, n)), f"{level.rows:,}"]
    cells.append(glue(percent(level.rows / flagged)))
    if graded:
        cells.append(NOTHING if level.found is None else f"{level.found:,}")
        cells += [NOTHING if x is None else f"{x:.3f}" for x in (level.precision, level.recall)]
    return cells


def _pairs(report: ComparisonReport) -> list[str]:
    labels = [one.label for one in succeeded(report.detectors)]
    low, middle, high = STEPS
    headers = ["Detectors", "Spearman", "Jaccard", "Both flag", "Either flags"]
    lines = [
        [
            f"{bold(pair.first)} and {bold(pair.second)}",
            f"{pair.spearman:.3f}",
            NOTHING if pair.jaccard is None else f"{pair.jaccard:.3f}",
            f"{pair.both:,}",
            f"{pair.either:,}",
        ]
        for pair in sorted(report.pairs, key=lambda pair: -pair.spearman)
    ]
    return [
        "## Two by two",
        "Blue, below the diagonal: Spearman, how alike two detectors rank all rows. Orange, above "
        "it: Jaccard, the share of the rows flagged by either that both flag. Darker from "
        f"{low:g}, {middle:g} and {high:g} on.",
        image(agreement_matrix(labels, report.pairs), "Spearman and Jaccard of each two detectors"),
        table(headers, lines),
    ]


def _least_alike(report: ComparisonReport) -> list[str]:
    scores = report.least_alike
    thresholds = {one.label: one.threshold for one in report.detectors if one.threshold is not None}
    if scores is None or not scores.first_scores:
        return []
    limits = (thresholds[scores.first], thresholds[scores.second])
    return [
        "## The two least alike",
        _scatter_words(scores, report),
        image(score_scatter(scores, limits), f"Scores of {scores.first} and {scores.second}"),
    ]


def _scatter_words(scores: ScorePairs, report: ComparisonReport) -> str:
    shown = len(scores.first_scores)
    rows = report.rows_scored or shown
    which = "every row" if shown == rows else f"{shown:,} of {rows:,} rows"
    return (
        f"{bold(scores.first)} and {bold(scores.second)}, {which}. Lines are the thresholds: top "
        "right, dark, is what both flag; light orange is what one of them flags."
    )
