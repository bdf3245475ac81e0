"""What to do with a comparison, in words."""

from collections.abc import Sequence

from reports.comparison_facts import AgreedRow, ComparedDetector, ComparisonReport, succeeded
from reports.level_words import flagged_by
from reports.likeness import ALONE, REDUNDANT, Likeness, other_of
from reports.markdown import bold, escape
from reports.numbers import counted, percent

_ROWS_NAMED = 8


def advice(report: ComparisonReport) -> list[str]:
    """Return as markdown what to look at first, which detectors to keep, and whom to trust."""
    detectors = succeeded(report.detectors)
    if not detectors:
        return ["No detector succeeded, so there is nothing to compare; why is said below."]
    if len(detectors) == 1:
        only = f"Only {bold(detectors[0].label)} succeeded: there is none to compare it with."
        return [only, _look_first(report, 1)]
    likeness = Likeness(report.pairs)
    return [
        _look_first(report, len(detectors)),
        *_redundant(detectors, likeness),
        *_standing_alone(detectors, likeness),
        *_graded(report, detectors),
    ]


def _look_first(report: ComparisonReport, n_detectors: int) -> str:
    found = [level for level in report.levels if level.rows]
    if not found:
        return "No detector flags any row: there is nothing to look at."
    strongest = found[0]
    rows = [row for row in report.rows if row.level == strongest.level][:_ROWS_NAMED]
    named = ", ".join(_row_name(row) for row in rows)
    left = strongest.rows - len(rows)
    which = counted(strongest.rows, "row")
    who = "it flags" if n_detectors == 1 else f"{flagged_by(strongest.level, n_detectors)} flag"
    words = f"**Look first** at the {which} that {who}"
    if named:
        words += f": {named}{f' and {left:,} more' if left else ''}"
    if strongest.level != "all":
        words = f"No row is flagged by {flagged_by('all', n_detectors)}. {words}"
    return f"{words}."


def _row_name(row: AgreedRow) -> str:
    key = " ".join(row.key.values()).strip()
    return escape(key, 40) if key else f"row {row.row:,}"


def _redundant(detectors: Sequence[ComparedDetector], likeness: Likeness) -> list[str]:
    graded = any(one.grade for one in detectors)
    groups = likeness.redundant([one.label for one in sorted(detectors, key=_preference)])
    if not groups:
        pairs = [likeness.closest(one.label) for one in detectors]
        closest = max(pairs, key=lambda pair: pair.spearman)
        return [
            f"**None is redundant**: the two most alike are {bold(closest.first)} and "
            f"{bold(closest.second)}, with a Spearman of {closest.spearman:.2f}."
        ]
    why = "which has the highest average precision of them" if graded else "the fastest of them"
    lines = []
    for kept, others in groups.items():
        alike = ", ".join(
            f"{bold(label)} (Spearman {likeness.pair(kept, label).spearman:.3f}, "
            f"{_shared(likeness, kept, label)})"
            for label in others
        )
        verb = "ranks" if len(others) == 1 else "rank"
        lines.append(
            f"**Redundant** (Spearman above {REDUNDANT:g}): {alike} {verb} the rows as "
            f"{bold(kept)} does. One is enough: keep {bold(kept)}, {why}."
        )
    return lines


def _preference(detector: ComparedDetector) -> tuple[float, float]:
    precision = detector.grade.average_precision if detector.grade else 0.0
    return -precision, detector.seconds or 0.0


def _shared(likeness: Likeness, one: str, other: str) -> str:
    pair = likeness.pair(one, other)
    return f"both flag {pair.both:,} of {pair.either:,} rows"


def _standing_alone(detectors: Sequence[ComparedDetector], likeness: Likeness) -> list[str]:
    lines = []
    for one in detectors:
        closest = likeness.closest(one.label)
        if closest.spearman < ALONE:
            flagged = counted(one.alone or 0, "row")
            lines.append(
                f"**{escape(one.label)} stands alone**: it ranks the rows like none of the others "
                f"(Spearman {closest.spearman:.2f} at most, with "
                f"{bold(other_of(closest, one.label))}), and flags {flagged} that no other does. "
                "It sees something else, or noise: look at some of them before you trust it."
            )
    return lines


def _graded(report: ComparisonReport, detectors: Sequence[ComparedDetector]) -> list[str]:
    graded = [(one.grade, one.label) for one in detectors if one.grade is not None]
    if not graded:
        return []
    grade, label = max(graded, key=lambda pair: pair[0].average_precision)
    lines = [
        f"**By the labels** of the source {bold(label)} ranks best: average precision "
        f"{grade.average_precision:.3f}, AUROC {grade.auroc:.3f}."
    ]
    by_level = [
        f"{percent(level.precision)} of those that {flagged_by(level.level, len(detectors))} flag"
        for level in report.levels
        if level.precision is not None
    ]
    if by_level:
        lines.append(f"**Known anomalies** are {', '.join(by_level)}.")
    return lines
