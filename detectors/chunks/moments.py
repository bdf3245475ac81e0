"""Mean and standard deviation of numbers that come in parts, exact whatever the parts."""

from dataclasses import dataclass
from math import ldexp, sqrt
from sys import float_info
from typing import Self

import numpy as np

from detectors.validation import Vector


@dataclass(frozen=True)
class Moments:
    """Number, sum and sum of squares of finite numbers, without any rounding.

    Attributes:
        count: how many numbers.
        total: their sum, times 2**2148.
        squares: the sum of their squares, times 2**2148.
    """

    count: int = 0
    total: int = 0
    squares: int = 0

    @classmethod
    def of(cls, finite: Vector) -> Self:
        """Add up ``finite``, shape (n,)."""
        from detectors.kernels.exact_sums import N_BINS, add_exactly

        total, squares = np.zeros(N_BINS, np.int64), np.zeros(N_BINS, np.int64)
        add_exactly(np.ascontiguousarray(finite).view(np.uint64), total, squares)
        return cls(len(finite), _joined(total), _joined(squares))

    def __add__(self, other: "Moments") -> "Moments":
        """Return the moments of both parts together."""
        return Moments(
            self.count + other.count, self.total + other.total, self.squares + other.squares
        )

    @property
    def mean(self) -> float:
        """The mean, correctly rounded; there has to be a number."""
        from detectors.kernels.exact_sums import SCALE_BITS

        return self.total / (self.count << SCALE_BITS)

    @property
    def std(self) -> float | None:
        """The sample's standard deviation, right to the last digit but one; None for one number.

        At most the largest float.
        """
        from detectors.kernels.exact_sums import SCALE_BITS

        if self.count < 2:
            return None
        above = (self.squares * self.count << SCALE_BITS) - self.total**2
        below = self.count * (self.count - 1) << 2 * SCALE_BITS
        # Brought near 1 first: a variance may be larger than the largest float64.
        steps = (above.bit_length() - below.bit_length()) // 2
        above, below = above << max(-2 * steps, 0), below << max(2 * steps, 0)
        try:
            return ldexp(sqrt(above / below), steps)
        except OverflowError:
            return float_info.max


def _joined(bins: "np.ndarray[tuple[int], np.dtype[np.int64]]") -> int:
    """Return what the bins stand for, times 2**2148."""
    return sum(value << 32 * place for place, value in enumerate(bins.tolist()) if value)
