"""Collusive displacement in random cut trees, plainly: every tree grown anew from its points."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from detectors.validation import Matrix, Vector


@dataclass
class Node:
    """A leaf when it has no children; equal points are one leaf."""

    size: int
    children: "tuple[Node, Node] | None" = None
    holds: bool = False


def grow(points: Matrix, marked: int, rng: np.random.Generator) -> Node:
    """Grow a random cut tree; the nodes on the way to the point ``marked`` know it."""
    holds = marked >= 0
    spans = np.ptp(points, axis=0)
    if spans.sum() == 0:
        return Node(len(points), None, holds)
    dimension = rng.choice(len(spans), p=spans / spans.sum())
    values = points[:, dimension]
    left = values <= rng.uniform(values.min(), values.max())
    if left.all():
        left = values < values.max()
    place = np.cumsum(left) - 1 if holds and left[marked] else np.cumsum(~left) - 1
    below = int(place[marked]) if holds else -1
    goes_left = holds and bool(left[marked])
    children = (
        grow(points[left], below if goes_left else -1, rng),
        grow(points[~left], below if holds and not goes_left else -1, rng),
    )
    return Node(len(points), children, holds)


def collusive_displacement(tree: Node) -> float:
    largest = 0.0
    node = tree
    while node.children is not None:
        first, second = node.children
        own, other = (first, second) if first.holds else (second, first)
        largest = max(largest, other.size / own.size)
        node = own
    return largest


def slow_rrcf(
    rows: Matrix, asked: Sequence[int], window: int, n_trees: int, shingle: int, seed: int
) -> Vector:
    """Return the mean displacement, as a share, of the points that end with the rows asked for."""
    rng = np.random.default_rng(seed)
    n_points = len(rows) - shingle + 1
    points = np.column_stack([rows[i : i + n_points] for i in range(shingle)])
    scores = []
    for row in asked:
        last = row - shingle + 1
        first = max(0, last - window)
        trees = [grow(points[first : last + 1], last - first, rng) for _ in range(n_trees)]
        scores.append(np.mean([collusive_displacement(tree) for tree in trees]) / (last - first))
    return np.array(scores)
