"""Sums of floating-point numbers without any rounding, and digests of columns.

A sum is kept in bins of 32 bits (Kulisch 2008: an accumulator as long as the range of exponents):
bin k counts multiples of 2**(32 k - 2148), which is what the square of the smallest float64 is a
multiple of. What is added in which order changes nothing.
"""

import numpy as np
from numba import int64, types, uint64

from detectors.kernels.cache import kernel
from detectors.kernels.random import mix

N_BINS = 136
SCALE_BITS = 2148

_LOW = np.uint64(0xFFFFFFFF)
_MANTISSA = np.uint64(0xFFFFFFFFFFFFF)
_IMPLICIT = np.uint64(1 << 52)
_STEP = np.uint64(0x9E3779B97F4A7C15)


_Bits = types.Array(uint64, 1, "C", readonly=True)


@kernel()
def _add(bins, sign, mantissa, shift):  # type: ignore[no-untyped-def]
    """Add ``sign * mantissa * 2**(shift - 2148)``, the mantissa below 2**54."""
    place = shift >> 5
    rest = np.uint64(shift & 31)
    low = (mantissa & _LOW) << rest
    high = (mantissa >> np.uint64(32)) << rest
    bins[place] += sign * np.int64(low & _LOW)
    bins[place + 1] += sign * (np.int64(low >> np.uint64(32)) + np.int64(high & _LOW))
    bins[place + 2] += sign * np.int64(high >> np.uint64(32))


@kernel(types.void(_Bits, int64[::1], int64[::1]))
def add_exactly(bits, total, squares):  # type: ignore[no-untyped-def]
    """Add finite numbers and their squares to two sums, at most 2**29 of them.

    Args:
        bits: the float64 values as unsigned integers; what is not finite takes no part.
        total: bins of the sum, shape (136,).
        squares: bins of the sum of squares, shape (136,).
    """
    for x in bits:
        exponent = np.int64((x >> np.uint64(52)) & np.uint64(0x7FF))
        mantissa = x & _MANTISSA
        if exponent == 0x7FF:
            continue
        if exponent > 0:
            mantissa |= _IMPLICIT
        sign = 1 - 2 * np.int64(x >> np.uint64(63))
        power = exponent - 1075 + (exponent == 0)
        _add(total, sign, mantissa, power + SCALE_BITS)
        high, low = mantissa >> np.uint64(26), mantissa & np.uint64(0x3FFFFFF)
        power = 2 * power + SCALE_BITS
        _add(squares, 1, low * low, power)
        _add(squares, 1, np.uint64(2) * high * low, power + 26)
        _add(squares, 1, high * high, power + 52)


@kernel(uint64(_Bits, int64))
def digest_values(bits, first):  # type: ignore[no-untyped-def]
    """Return the sum, modulo 2**64, of a scatter of each value with its row number.

    Digests of parts of a column add up to that of the column, in whatever order.

    Args:
        bits: 64 bits a value.
        first: row number of the first.
    """
    digest = np.uint64(0)
    for place in range(bits.size):
        digest += mix(bits[place] ^ mix(np.uint64(first + place) + _STEP))
    return digest
