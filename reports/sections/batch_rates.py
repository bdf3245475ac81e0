"""The sources of a batch that were checked: those that stand out, then the others."""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.batch_facts import BatchedSource, BatchReport
from reports.charts.rate_ranges import SourceRates, rate_ranges
from reports.facts import EXTREME_Z
from reports.markdown import bold, glue, image, table
from reports.numbers import NOTHING, counted, percent
from reports.rate_history import FEWEST_RUNS, RateHistory, rate_history
from reports.sections.batch_lines import NAME, more, result, taken

_OUTSTANDING_SHOWN = 50
_OTHERS_SHOWN = 200
_CHARTED = 25

_RULE = (
    "*Usual*: the median anomaly rate of the source's own last runs, give or take "
    f"{EXTREME_Z:g} spreads (the modified z-score of Iglewicz and Hoaglin). A spread is 1.4826 "
    "times the median absolute deviation, but at least what chance gives for so many rows, and at "
    "least a fifth of the median."
)


@dataclass(frozen=True)
class _Checked:
    source: BatchedSource
    rate: float
    history: RateHistory | None

    @property
    def distance(self) -> float:
        return self.history.distance(self.rate) if self.history else 0.0

    @property
    def stands_out(self) -> bool:
        return self.history is not None and self.history.stands_out(self.rate)


@dataclass(frozen=True)
class RateSections:
    """The sources that were checked, in two parts.

    Attributes:
        first: those that stand out against their own history, and a chart.
        others: a table of the others.
    """

    first: list[str]
    others: list[str]


def rate_sections(report: BatchReport) -> RateSections:
    """Return what is said of the sources that were checked; nothing when there are none."""
    checked = [
        _Checked(source, source.rate, rate_history(source.earlier_rates, source.rows))
        for source in report.sources
        if source.rate is not None and source.rows
    ]
    if not checked:
        return RateSections([], [])
    outstanding = [one for one in checked if one.stands_out]
    outstanding.sort(key=lambda one: (-abs(one.distance), one.source.source))
    others = [one for one in checked if not one.stands_out]
    others.sort(key=lambda one: (-one.rate, one.source.source))
    judged = sum(one.history is not None for one in checked)
    first = _outstanding(outstanding, judged, len(checked), report)
    return RateSections(
        [*first, *_chart([*outstanding, *others])], _others(others, bool(outstanding), report)
    )


def _outstanding(
    outstanding: list[_Checked], judged: int, checked: int, report: BatchReport
) -> list[str]:
    if not judged:
        return [
            "## Nothing to compare with yet",
            f"Which rates stand out can be said of sources with at least {FEWEST_RUNS} earlier "
            "runs by the same detector and threshold policy; none has as many.",
        ]
    title = f"## {counted(len(outstanding), 'source')} out of the ordinary"
    unknown = checked - judged
    unjudged = (
        f" No judgement of {counted(unknown, 'source')} with fewer than {FEWEST_RUNS} earlier runs."
        if unknown
        else ""
    )
    if not outstanding:
        every = "The source" if judged == 1 else f"Each of {counted(judged, 'source')}"
        words = f"{every} has an anomaly rate that is usual for it.{unjudged}"
        return ["## No source out of the ordinary", words, _RULE]
    headers = ["Source", "This run, against its own last runs", "Anomalies", "Rows", "Detection"]
    lines = [
        [bold(one.source.source, NAME), _in_words(one), *_counts(one.source), result(one.source)]
        for one in outstanding[:_OUTSTANDING_SHOWN]
    ]
    return [
        title,
        table(headers, lines),
        *more(len(outstanding) - _OUTSTANDING_SHOWN, report),
        f"{_RULE}{unjudged}",
    ]


def _in_words(one: _Checked) -> str:
    if one.history is None:
        return NOTHING
    arrow = "▲" if one.distance > 0 else "▼"
    now = glue(f"{arrow} {percent(one.rate)}")
    usual = f"usually {_range(one.history)} in {counted(one.history.runs, 'run')}"
    return f"**{now}**, {glue(usual)}"


def _range(history: RateHistory) -> str:
    low, high = history.usual
    return f"up to {percent(high)}" if low == 0 else f"{percent(low)} to {percent(high)}"


def _counts(source: BatchedSource) -> list[str]:
    return [f"{source.anomalies:,}", f"{source.rows:,}"]


def _chart(ordered: Sequence[_Checked]) -> list[str]:
    shown = ordered[:_CHARTED]
    rates = [
        SourceRates(
            name=one.source.source,
            rate=one.rate,
            earlier=one.source.earlier_rates,
            usual=one.history.usual if one.history else None,
            stands_out=one.stands_out,
        )
        for one in shown
    ]
    which = (
        f"The {len(shown)} sources of {len(ordered):,} to look at first"
        if len(ordered) > len(shown)
        else "Every source that was checked"
    )
    caption = f"{which}: the large dot is the anomaly rate of this run"
    if any(one.history for one in shown):
        caption += (
            ", orange where it is out of the ordinary; small dots are earlier runs, the band is "
            "what is usual"
        )
    return [f"{caption}:", image(rate_ranges(rates), f"Anomaly rates of {len(shown)} sources")]


def _others(others: list[_Checked], outstanding: bool, report: BatchReport) -> list[str]:
    if not others:
        return []
    shown = others[:_OTHERS_SHOWN]
    title = "The others" if outstanding else "Every source that was checked"
    if len(others) > len(shown):
        title += f": the {len(shown)} highest rates of {len(others):,}"
    headers = ["Source", "Rate", "Usual", "Anomalies", "Rows", "Time", "Detection"]
    lines = [
        [
            bold(one.source.source, NAME),
            glue(percent(one.rate)),
            glue(_range(one.history)) if one.history else NOTHING,
            *_counts(one.source),
            glue(taken(one.source)),
            result(one.source),
        ]
        for one in shown
    ]
    return [f"## {title}", table(headers, lines), *more(len(others) - len(shown), report)]
