"""The last values of a column, sorted at any time: neighbours, ranks and quantiles of a window.

The values lie in blocks, each sorted and all below those of the next. To add or drop a value moves
those of one block only. Blocks are filled anew when one overflows; where their borders are does not
change any answer.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from detectors.kernels.cache import kernel

# More blocks than values in each: values are moved one by one, blocks looked through by several.
_BLOCKS = 1.4


class SortedWindows(NamedTuple):
    """One window for each of d columns.

    Attributes:
        ring: the values by arrival, shape (d, window).
        total: values ever pushed, shape (d,); the next one goes to ``total % window``.
        blocks: the values by size, shape (d, n_blocks, capacity); derived from the two above.
        sizes: values in each block, shape (d, n_blocks).
        tops: no value of the block is above, shape (d, n_blocks); infinite for the last.
    """

    ring: NDArray[np.float64]
    total: NDArray[np.int64]
    blocks: NDArray[np.float64]
    sizes: NDArray[np.int64]
    tops: NDArray[np.float64]


def empty_windows(n_columns: int, window: int) -> SortedWindows:
    """Return windows of ``window`` values, with nothing in them."""
    n_blocks = int(np.ceil(_BLOCKS * np.sqrt(window)))
    capacity = 2 * -(-window // n_blocks)
    return SortedWindows(
        ring=np.zeros((n_columns, window)),
        total=np.zeros(n_columns, np.int64),
        blocks=np.zeros((n_columns, n_blocks, capacity)),
        sizes=np.zeros((n_columns, n_blocks), np.int64),
        tops=np.full((n_columns, n_blocks), np.inf),
    )


@kernel(inline=True)
def held(windows, c):  # type: ignore[no-untyped-def]
    """Return how many values the window of column ``c`` holds."""
    return min(windows.total[c], windows.ring.shape[1])


@kernel()
def _spread(windows, c, values):  # type: ignore[no-untyped-def]
    """Fill the blocks evenly with ``values``, which are sorted."""
    blocks, sizes, tops = windows.blocks, windows.sizes, windows.tops
    n_blocks = sizes.shape[1]
    for b in range(n_blocks):
        start, stop = b * values.size // n_blocks, (b + 1) * values.size // n_blocks
        sizes[c, b] = stop - start
        for i in range(stop - start):
            blocks[c, b, i] = values[start + i]
        tops[c, b] = values[max(0, stop - 1)] if b < n_blocks - 1 else np.inf


@kernel()
def _respread(windows, c):  # type: ignore[no-untyped-def]
    blocks, sizes = windows.blocks, windows.sizes
    values = np.empty(held(windows, c))
    n = 0
    for b in range(sizes.shape[1]):
        for i in range(sizes[c, b]):
            values[n] = blocks[c, b, i]
            n += 1
    _spread(windows, c, values[:n])


@kernel(inline=True)
def _find(windows, c, value):  # type: ignore[no-untyped-def]
    """Return the block for ``value``, and how many values in it are below.

    Counted, several at a time, and not halved for: that would wait for each comparison.
    """
    tops, blocks = windows.tops, windows.blocks
    b, i = 0, 0
    for k in range(tops.shape[1] - 1):
        b += tops[c, k] < value
    for k in range(windows.sizes[c, b]):
        i += blocks[c, b, k] < value
    return b, i


@kernel(inline=True)
def _drop(windows, c, value):  # type: ignore[no-untyped-def]
    blocks, sizes = windows.blocks, windows.sizes
    b, i = _find(windows, c, value)
    while i == sizes[c, b]:  # equal values go on in the next block
        b, i = b + 1, 0
    sizes[c, b] -= 1
    for j in range(i, sizes[c, b]):
        blocks[c, b, j] = blocks[c, b, j + 1]


@kernel(inline=True)
def _add(windows, c, value):  # type: ignore[no-untyped-def]
    blocks, sizes = windows.blocks, windows.sizes
    b, i = _find(windows, c, value)
    if sizes[c, b] == blocks.shape[2]:
        _respread(windows, c)
        b, i = _find(windows, c, value)
    for j in range(sizes[c, b], i, -1):
        blocks[c, b, j] = blocks[c, b, j - 1]
    blocks[c, b, i] = value
    sizes[c, b] += 1


@kernel()
def push(windows, c, value):  # type: ignore[no-untyped-def]
    """Add a value to the window of column ``c``, in place of the oldest when it is full."""
    window = windows.ring.shape[1]
    slot = windows.total[c] % window
    if windows.total[c] >= window:
        _drop(windows, c, windows.ring[c, slot])
    _add(windows, c, value)
    windows.ring[c, slot] = value
    windows.total[c] += 1


@kernel(inline=True)
def neighbours(windows, c, value):  # type: ignore[no-untyped-def]
    """Return the largest value below ``value``, and the smallest that is not; infinite if none."""
    blocks, sizes = windows.blocks, windows.sizes
    n_blocks = sizes.shape[1]
    b, i = _find(windows, c, value)
    below, above = -np.inf, np.inf
    left, last = b, i
    while last == 0 and left > 0:
        left -= 1
        last = sizes[c, left]
    if last > 0:
        below = blocks[c, left, last - 1]
    while b < n_blocks and i == sizes[c, b]:
        b, i = b + 1, 0
    if b < n_blocks:
        above = blocks[c, b, i]
    return below, above


@kernel(inline=True)
def at_least(windows, c, value):  # type: ignore[no-untyped-def]
    """Return how many values are ``value`` or more."""
    b, i = _find(windows, c, value)
    count = windows.sizes[c, b] - i
    for k in range(b + 1, windows.sizes.shape[1]):
        count += windows.sizes[c, k]
    return count


@kernel(inline=True)
def locate(windows, c, rank):  # type: ignore[no-untyped-def]
    """Return block and place of the value of that rank, 0 the smallest; there must be one.

    It is looked for from the nearer end.
    """
    sizes = windows.sizes
    n = held(windows, c)
    if 2 * rank < n:
        b = 0
        while rank >= sizes[c, b]:
            rank -= sizes[c, b]
            b += 1
        return b, rank
    b, after = sizes.shape[1] - 1, n - rank
    while after > sizes[c, b]:
        after -= sizes[c, b]
        b -= 1
    return b, sizes[c, b] - after


@kernel(inline=True)
def nth(windows, c, rank):  # type: ignore[no-untyped-def]
    """Return the value of that rank, 0 the smallest; there must be one."""
    b, i = locate(windows, c, rank)
    return windows.blocks[c, b, i]


@kernel(inline=True)
def median(windows, c):  # type: ignore[no-untyped-def]
    """Return the middle value, or the mean of the two; there must be one."""
    n = held(windows, c)
    b, i = locate(windows, c, (n - 1) // 2)
    low = windows.blocks[c, b, i]
    if n % 2 == 1:
        return low
    i += 1
    while i == windows.sizes[c, b]:
        b, i = b + 1, 0
    return (low + windows.blocks[c, b, i]) / 2


@kernel(inline=True)
def middle_range(windows, c, share):  # type: ignore[no-untyped-def]
    """Return the range of the values with ``share`` of them left out at each end, or NaN."""
    n = held(windows, c)
    if n == 0:
        return np.nan, np.nan
    out = int(share * n)
    return nth(windows, c, out), nth(windows, c, n - 1 - out)


@kernel()
def rebuild(windows):  # type: ignore[no-untyped-def]
    """Fill the blocks with the values of the rings."""
    for c in range(windows.total.size):
        n = held(windows, c)
        if n > 0:
            _spread(windows, c, np.sort(windows.ring[c, :n]))
        else:
            for b in range(windows.sizes.shape[1]):
                windows.sizes[c, b], windows.tops[c, b] = 0, np.inf
