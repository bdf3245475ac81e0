"""Follow a row and a background row down the trees of an isolation forest, together.

Where the two part at a feature, a mixture of them goes one way or the other by which of the two it
takes that feature from; the choice then holds for the rest of the tree. Each bottom slot that some
mixture reaches is visited once, with the features on its path at which the two part. Trees are the
heaps of ``detectors.kernels.isolation_forest``.
"""

import numpy as np
from numba import boolean, float64, int32, types

from detectors.kernels.cache import kernel
from detectors.kernels.isolation_forest import path_score

# Levels of a tree, at most: more than any table has rows for.
_MOST_LEVELS = 64

# Coalitions of the games filled side by side: they and a tree stay in a fast cache.
_GAMES_SIZE = 2**16

_Row = types.Array(float64, 1, "C", readonly=True)
_Rows = types.Array(float64, 2, "C", readonly=True)
_Features = types.Array(int32, 2, "C", readonly=True)
_Floats = types.Array(float64, 2, "C", readonly=True)


@kernel()
def _descend(  # type: ignore[no-untyped-def]
    row, background, k, feature, threshold, tree, node, parted, column, from_row, other_way
):
    """Go from ``node`` to a bottom slot, with ``row`` wherever the two part anew.

    Args:
        row: the row explained, shape (n_features,).
        background: holds the background row.
        k: its place there.
        feature: of the forest.
        threshold: of the forest.
        tree: the tree.
        node: where to start.
        parted: how many features the two parted at above ``node``.
        column: those features, and then the new ones.
        from_row: whether the mixture takes the feature from ``row``.
        other_way: the node at which it would go on if it did not.

    Returns:
        The bottom slot, and how many features the two have parted at.
    """
    n_slots = np.uint64(feature.shape[1])
    while node < n_slots:
        here = np.uint64(feature[tree, node])
        row_right = row[here] > threshold[tree, node]
        other_right = background[k, here] > threshold[tree, node]
        right = row_right
        if row_right != other_right:
            place = np.uint64(0)
            while place < parted and column[place] != here:
                place += np.uint64(1)
            if place == parted:
                column[parted] = here
                from_row[parted] = True
                other_way[parted] = np.uint64(2) * node + np.uint64(other_right)
                parted += np.uint64(1)
            elif not from_row[place]:
                right = other_right
        node = np.uint64(2) * node + np.uint64(right)
    return node - n_slots, parted


@kernel()
def _turn(parted, from_row, other_way):  # type: ignore[no-untyped-def]
    """Go back to the last feature taken from the row, and take it from the other.

    Returns:
        The node to go on from, 0 when none is left, and how many features the two parted at.
    """
    one = np.uint64(1)
    while parted > 0 and not from_row[parted - one]:
        parted -= one
    if parted == 0:
        return np.uint64(0), parted
    from_row[parted - one] = False
    return other_way[parted - one], parted


@kernel()
def _add_game(path, taken, refused, sign, games, k):  # type: ignore[no-untyped-def]
    """Add a slot to the Moebius transform of the path length as a function of the coalition.

    Coalitions that hold all of ``taken`` and none of ``refused``, sets as bits, end in the slot.
    """
    subset = refused
    while subset > 0:
        games[k, taken | subset] += sign[subset] * path
        subset = (subset - np.uint64(1)) & refused
    games[k, taken] += path


@kernel()
def _add_subsets(game):  # type: ignore[no-untyped-def]
    """Turn the Moebius transform of a game back into the game (Yates 1937)."""
    half = 1
    while half < game.size:
        for start in range(0, game.size, 2 * half):
            for i in range(start, start + half):
                game[i + half] += game[i]
        half *= 2


@kernel(types.void(_Row, _Rows, _Features, _Floats, _Floats, float64, _Row, _Rows, float64[::1]))
def coalition_scores(  # type: ignore[no-untyped-def]
    row, background, feature, threshold, value, normal_path, row_saves, background_saves, scores
):
    """Fill ``scores`` with the score of every mixture of ``row`` with the background, averaged.

    Args:
        row: shape (n_features,), few: time and memory grow with 2**n_features.
        background: shape (n_background, n_features).
        feature: of the forest, shape (n_trees, L), as are ``threshold`` and ``value``.
        threshold: right if above.
        value: path lengths.
        normal_path: the path length that scores .5.
        row_saves: by how much the values of ``row`` shorten a path, shape (n_features,).
        background_saves: likewise, shape (n_background, n_features).
        scores: written, shape (2**n_features,); bit j of its index is set when feature j comes from
            ``row``.
    """
    n_trees, n_background = np.uint64(feature.shape[0]), np.uint64(background.shape[0])
    column = np.empty(_MOST_LEVELS, np.uint64)
    from_row = np.empty(_MOST_LEVELS, boolean)
    other_way = np.empty(_MOST_LEVELS, np.uint64)
    sign = np.ones(scores.size)
    for coalition in range(1, sign.size):
        sign[coalition] = -sign[coalition & (coalition - 1)]
    n_games = np.uint64(max(1, _GAMES_SIZE // scores.size))
    games = np.empty((n_games, scores.size))
    scores[:] = 0.0
    for start in range(0, n_background, n_games):
        stop = min(start + n_games, n_background)
        games[:] = 0.0
        for tree in range(n_trees):
            for k in range(start, stop):
                node, parted = np.uint64(1), np.uint64(0)
                while node > 0:
                    slot, parted = _descend(
                        row, background, k, feature, threshold, tree, node,
                        parted, column, from_row, other_way,
                    )  # fmt: skip
                    taken, refused = np.uint64(0), np.uint64(0)
                    for i in range(parted):
                        bit = np.uint64(1) << column[i]
                        if from_row[i]:
                            taken |= bit
                        else:
                            refused |= bit
                    _add_game(value[tree, slot], taken, refused, sign, games, k - start)
                    node, parted = _turn(parted, from_row, other_way)
        for k in range(stop - start):
            for j in range(row.size):
                saved = background_saves[start + k, j]
                games[k, 0] -= n_trees * saved
                games[k, 1 << j] -= n_trees * (row_saves[j] - saved)
            _add_subsets(games[k])
            for coalition in range(scores.size):
                scores[coalition] += path_score(games[k, coalition] / n_trees, normal_path)
    scores /= n_background


@kernel(types.void(_Row, _Rows, _Features, _Floats, _Floats, float64[::1]))
def path_contributions(row, background, feature, threshold, value, contributions):  # type: ignore[no-untyped-def]
    """Fill ``contributions``, (n_features,), with Shapley values of the mean path length.

    A slot reached by taking ``a`` features from the row and ``b`` from the background row adds
    (a - 1)! b! / (a + b)! of its path to each of the former and takes a! (b - 1)! / (a + b)! of it
    from each of the latter. Arguments are those of ``coalition_scores``; any number of features.
    """
    n_trees, n_background = np.uint64(feature.shape[0]), np.uint64(background.shape[0])
    column = np.empty(_MOST_LEVELS, np.uint64)
    from_row = np.empty(_MOST_LEVELS, boolean)
    other_way = np.empty(_MOST_LEVELS, np.uint64)
    share = np.zeros((_MOST_LEVELS + 1, _MOST_LEVELS + 1))
    for a in range(1, _MOST_LEVELS + 1):
        share[a, 0] = 1.0 / a
        for b in range(1, _MOST_LEVELS + 1):
            share[a, b] = share[a, b - 1] * b / (a + b)
    contributions[:] = 0.0
    for tree in range(n_trees):
        for k in range(n_background):
            node, parted = np.uint64(1), np.uint64(0)
            while node > 0:
                slot, parted = _descend(
                    row, background, k, feature, threshold, tree, node,
                    parted, column, from_row, other_way,
                )  # fmt: skip
                path = value[tree, slot]
                n_taken = np.uint64(0)
                for i in range(parted):
                    n_taken += np.uint64(from_row[i])
                n_refused = parted - n_taken
                for i in range(parted):
                    if from_row[i]:
                        contributions[column[i]] += share[n_taken, n_refused] * path
                    else:
                        contributions[column[i]] -= share[n_refused, n_taken] * path
                node, parted = _turn(parted, from_row, other_way)
    contributions /= n_trees * n_background
