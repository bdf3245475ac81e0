"""Why a row has its score, in a sentence or two, as plain text."""

from collections.abc import Sequence

from reports.explanation_facts import ContributionFacts
from reports.markdown import plain
from reports.numbers import number, percent, span
from reports.sentences import short

_MOST_NAMED = 3
# Of all that raises the score: what is left does not change the story.
_ENOUGH = 0.8
_LONGEST_VALUE = 40


def explanation_sentence(
    contributions: Sequence[ContributionFacts],
    *,
    is_anomaly: bool,
    score: float,
    threshold: float,
    percentile: float,
) -> str:
    """Say how a row scores, and which of its values make it so.

    A value is called high, low or rare by where it lies, never by what it contributes.

    Args:
        contributions: of every feature.
        is_anomaly: whether the score is above the threshold.
        score: decision score.
        threshold: above which a row is an anomaly.
        percentile: percentage of rows that score no more.
    """
    if is_anomaly:
        place = f"is above the threshold of {number(threshold)}"
    else:
        place = f"is not above the threshold of {number(threshold)}, so this row is no anomaly"
    share = percent(percentile / 100)
    verdict = f"Its score of {number(score)} {place}; {share} of rows score no more."
    return f"{verdict} {_reasons(contributions)}"


def _reasons(contributions: Sequence[ContributionFacts]) -> str:
    main = _main_reasons(contributions)
    if not main:
        return "No single value raises it."
    unusual = [_unusual(one) for one in main if one.direction != "usual"]
    usual = [_named(one) for one in main if one.direction == "usual"]
    if not unusual:
        if len(usual) == 1:
            return f"What raises it most is {usual[0]}, usual by itself but not beside the others."
        return f"No single value is unusual; together {_listed(usual)} raise it."
    also = f", together with {_listed(usual)}, usual by itself" if len(usual) == 1 else ""
    also = f", together with {_listed(usual)}, usual by themselves" if len(usual) > 1 else also
    return f"What raises it most: {_listed(unusual)}{also}."


def _main_reasons(contributions: Sequence[ContributionFacts]) -> list[ContributionFacts]:
    """Return the few that raise the score most and together make up most of the rise."""
    raising = sorted(
        (one for one in contributions if one.contribution > 0), key=lambda one: -one.contribution
    )
    # In shares of the largest: the sum of several of 1e308 is not finite.
    shares = [one.contribution / raising[0].contribution for one in raising]
    enough = _ENOUGH * sum(shares)
    named = sum(sum(shares[:count]) < enough for count in range(len(shares)))
    return raising[: min(named, _MOST_NAMED)]


def _unusual(one: ContributionFacts) -> str:
    if one.direction == "rare":
        return f"{_named(one)} is rare"
    return f"{_named(one)} is {one.direction} (typically {span(one.typical, 3)})"


def _named(one: ContributionFacts) -> str:
    value = "(missing)" if one.value is None else plain(short(one.value), _LONGEST_VALUE)
    return f"{plain(one.feature)} {value}"


def _listed(words: Sequence[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"
