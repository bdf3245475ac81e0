"""The formula of ``value_gap`` for one column, in plain Python, as it is written down."""

from bisect import bisect_left, insort
from collections import defaultdict, deque
from collections.abc import Iterable
from math import floor, log, log10, sqrt
from statistics import median

WINDOW = 4000


class SlowGap:
    def __init__(self, window: int) -> None:
        self.recent: deque[float] = deque()
        self.window = window
        self.seen = 0

    def __call__(self, value: float) -> float | None:
        gap = None
        if self.seen >= 30:
            middle = median(self.recent)
            spread = max(self.recent) - min(self.recent)
            nearest = min(abs(value - other) for other in self.recent)
            gap = min(1.0, nearest / (spread + 1e-9 * (abs(middle) + 1e-9) + 1e-12))
        self.recent.append(value)
        self.seen += 1
        if len(self.recent) > self.window:
            self.recent.popleft()
        return gap


class SlowTail:
    def __init__(self, window: int) -> None:
        self.recent: deque[float] = deque()
        self.ordered: list[float] = []
        self.window = window
        self.seen = 0

    def __call__(self, s: float) -> float:
        rarity, m = 0.0, len(self.ordered)
        if self.seen >= 100:
            k = max(floor(0.02 * m), 5)
            u = self.ordered[-k]
            if s <= u:
                rarity = -log10((m - bisect_left(self.ordered, s) + 1) / (m + 1))
            else:
                h = sum(log(other / u) for other in self.ordered[-k:]) / k
                rarity = -log10(k / (m + 1)) + log10(s / u) / (h + 0.01)
        self.recent.append(s)
        insort(self.ordered, s)
        self.seen += 1
        if len(self.recent) > self.window:
            oldest = self.recent.popleft()
            del self.ordered[bisect_left(self.ordered, oldest)]
        return rarity


class SlowProfile:
    def __init__(self) -> None:
        self.means: dict[int, deque[float]] = defaultdict(lambda: deque(maxlen=14))
        self.hour: int | None = None
        self.values: list[float] = []

    def __call__(self, value: float, timestamp: float) -> float | None:
        hour = floor(timestamp / 3600)
        if self.hour is not None and hour != self.hour:
            self.means[self.hour % 24].append(sum(self.values) / len(self.values))
            self.values = []
        self.hour = hour
        known = [m for near in (hour - 1, hour, hour + 1) for m in self.means[near % 24]]
        self.values.append(value)
        return value - median(known) if len(known) >= 3 else None


def slow_farness(values: Iterable[float], value: float) -> float:
    ordered = sorted(values)
    if len(ordered) < 150:
        return 0.0
    k = floor(0.005 * len(ordered))
    low, high = ordered[k], ordered[-1 - k]
    tiny = 1e-9 * (abs(median(ordered)) + 1e-9) + 1e-12
    d = max(low - value, value - high) / (high - low + tiny)
    return 2.8 * (1 + 0.05 * log(d / 1.5) + 1e-9) if d > 1.5 else 0.0


def slow_value_gap(
    values: Iterable[float], timestamps: Iterable[float], window: int = WINDOW
) -> list[float]:
    """Return the score of each value; timestamps are in seconds, in order."""
    of_value, of_residual, tail = SlowGap(window), SlowGap(window), SlowTail(window)
    profile = SlowProfile()
    heights: deque[float] = deque(maxlen=100)
    scores = []
    for value, timestamp in zip(values, timestamps, strict=True):
        residual = profile(value, timestamp)
        far = slow_farness(of_value.recent, value)
        a = of_value(value) or 0.0
        b = None if residual is None else of_residual(residual)
        gap = ((sqrt(a) + sqrt(a if b is None else b)) / 2) ** 2 + 1e-6
        z = max(0.0, 4 + log10(gap) + 0.2 * tail(gap), far)
        reported = z if z > max(heights, default=0.0) else 0.0
        heights.append(z)
        scores.append(reported / (reported + 2.8))
    return scores
