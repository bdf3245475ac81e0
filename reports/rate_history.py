"""Whether a source's anomaly rate stands out against its own earlier runs."""

from dataclasses import dataclass
from math import sqrt
from statistics import median

from reports.facts import EXTREME_Z

FEWEST_RUNS = 3

# Makes the median absolute deviation of normal values their standard deviation.
_NORMAL = 1.4826
# What changes by less of itself is nobody's concern, however steady it was before.
_OF_CONCERN = 0.2


@dataclass(frozen=True)
class RateHistory:
    """What is usual of a source, by the modified z-score of Iglewicz and Hoaglin (1993).

    Attributes:
        runs: earlier runs it was made from.
        centre: median of their anomaly rates.
        spread: the largest of: their median absolute deviation, times 1.4826; what chance alone
            gives for so many rows, the binomial standard deviation; a fifth of the median.
    """

    runs: int
    centre: float
    spread: float

    @property
    def usual(self) -> tuple[float, float]:
        """The range of rates that are at most 3.5 spreads from the median."""
        reach = EXTREME_Z * self.spread
        return max(0.0, self.centre - reach), min(1.0, self.centre + reach)

    def distance(self, rate: float) -> float:
        """Return how many spreads ``rate`` is above the median, or, negative, below it."""
        return (rate - self.centre) / self.spread

    def stands_out(self, rate: float) -> bool:
        """Return whether ``rate`` is out of the usual range."""
        return abs(self.distance(rate)) > EXTREME_Z


def rate_history(earlier: tuple[float, ...], rows: int) -> RateHistory | None:
    """Return what is usual of a source; None when fewer than 3 earlier runs are known.

    Args:
        earlier: anomaly rates of its earlier runs, in any order.
        rows: rows that are judged now, at least 1.
    """
    if len(earlier) < FEWEST_RUNS:
        return None
    centre = median(earlier)
    deviation = median(abs(rate - centre) for rate in earlier)
    # Not 0 nor 1, of which chance would allow no deviation: at least one row on either side.
    share = min(max(centre, 1 / rows), 1 - 1 / rows) if rows > 1 else 0.5
    chance = sqrt(share * (1 - share) / rows)
    return RateHistory(len(earlier), centre, max(_NORMAL * deviation, chance, _OF_CONCERN * centre))
