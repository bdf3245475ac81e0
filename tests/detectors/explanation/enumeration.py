"""Shapley values by their definition, one coalition after the other."""

from collections.abc import Callable
from itertools import combinations
from math import factorial

import numpy as np

from detectors.validation import Matrix, Vector


def shapley_by_definition(
    score: Callable[[Matrix], Vector], row: Vector, background: Matrix
) -> Vector:
    n = len(row)
    everyone = range(n)
    worth = {}
    for size in range(n + 1):
        for coalition in combinations(everyone, size):
            mixed = background.copy()
            mixed[:, list(coalition)] = row[list(coalition)]
            worth[frozenset(coalition)] = score(mixed).mean()
    values = np.zeros(n)
    for feature in everyone:
        for coalition in worth:
            if feature not in coalition:
                before = len(coalition)
                weight = factorial(before) * factorial(n - before - 1) / factorial(n)
                values[feature] += weight * (worth[coalition | {feature}] - worth[coalition])
    return values
