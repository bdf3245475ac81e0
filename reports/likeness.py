"""How alike detectors rank the rows: which are redundant, which stand alone."""

from collections.abc import Sequence

from reports.comparison_facts import PairFacts

REDUNDANT = 0.95  # Spearman above which one of two detectors is enough
ALONE = 0.5  # highest Spearman with any other below which a detector stands alone


class Likeness:
    """Looks up pairs of detectors by the labels of both, in either order."""

    def __init__(self, pairs: Sequence[PairFacts]) -> None:
        self._pairs = {frozenset((pair.first, pair.second)): pair for pair in pairs}

    def pair(self, one: str, other: str) -> PairFacts:
        """Return the pair of two labels."""
        return self._pairs[frozenset((one, other))]

    def closest(self, label: str) -> PairFacts:
        """Return the pair of ``label`` with the detector most like it."""
        return max(
            (pair for labels, pair in self._pairs.items() if label in labels),
            key=lambda pair: pair.spearman,
        )

    def redundant(self, labels: Sequence[str]) -> dict[str, list[str]]:
        """Return by label of a detector to keep those it makes redundant.

        Args:
            labels: those to be kept rather come first. Whoever is redundant is so to one that is
                kept, never by way of a third.
        """
        kept: dict[str, list[str]] = {}
        for label in labels:
            twins = [one for one in kept if self.pair(one, label).spearman > REDUNDANT]
            if twins:
                kept[max(twins, key=lambda one: self.pair(one, label).spearman)].append(label)
            else:
                kept[label] = []
        return {label: others for label, others in kept.items() if others}


def other_of(pair: PairFacts, label: str) -> str:
    """Return the label beside this one."""
    return pair.second if label == pair.first else pair.first
