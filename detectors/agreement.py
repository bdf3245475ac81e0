"""Where several detectors agree on one table, and how strongly."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from detectors.validation import Matrix, Vector

Flags = NDArray[np.bool_]


class AgreementLevel(StrEnum):
    """How many of the detectors flag a row; each flagged row has exactly one level."""

    ALL = "all"
    MAJORITY = "majority"
    SOME = "some"
    ONE = "one"

    @classmethod
    def of(cls, count: int, n_detectors: int) -> "AgreementLevel":
        """Return the level of a row flagged by ``count`` >= 1 of ``n_detectors``."""
        if count == n_detectors:
            return cls.ALL
        if count == 1:
            return cls.ONE
        return cls.MAJORITY if 2 * count > n_detectors else cls.SOME


@dataclass(frozen=True)
class Opinion:
    """What one detector says of a table.

    Attributes:
        scores: higher is more anomalous, shape (n_rows,).
        flags: which rows are above its threshold, shape (n_rows,).
    """

    scores: Vector
    flags: Flags


@dataclass(frozen=True)
class PairAgreement:
    """Two detectors beside each other; the order of the two does not matter.

    Attributes:
        both: rows that both flag.
        either: rows that at least one flags.
        spearman: rank correlation of the scores; 0 where either has one score for all rows.
    """

    first: str
    second: str
    both: int
    either: int
    spearman: float

    @property
    def jaccard(self) -> float | None:
        """Share of the rows flagged by either that both flag; None when neither flags any."""
        return self.both / self.either if self.either else None


@dataclass(frozen=True)
class AgreedRow:
    """A row that at least one detector flags.

    Attributes:
        row: its place in the table.
        detectors: who flags it, in the order of the detectors.
        level: how many those are, of all that succeeded.
        confidence: the share of the detectors that flag it.
        mean_rank: mean over all detectors of its rank by score, 1 for the strongest.
    """

    row: int
    detectors: tuple[str, ...]
    level: AgreementLevel
    confidence: float
    mean_rank: float


@dataclass(frozen=True)
class Agreement:
    """The opinions of several detectors, reduced.

    Attributes:
        rows: every flagged row, those that most detectors flag first, then by mean rank.
        levels: number of rows at each level; they sum to the number of rows.
        pairs: every pair of detectors, once.
    """

    rows: tuple[AgreedRow, ...]
    levels: dict[AgreementLevel, int]
    pairs: tuple[PairAgreement, ...]


def find_agreement(opinions: Mapping[str, Opinion]) -> Agreement:
    """Reduce the opinions of detectors on the same rows.

    Args:
        opinions: by the detector's label; only detectors that succeeded, at least one.

    Raises:
        ValueError: no opinions, or not all on the same number of rows.
    """
    if not opinions:
        raise ValueError("no detector succeeded: there is nothing to agree on")
    if len({opinion.scores.shape for opinion in opinions.values()}) > 1:
        raise ValueError("the detectors scored different numbers of rows: pass the same table")
    ranks = np.array([_descending_ranks(opinion.scores) for opinion in opinions.values()])
    flags = np.array([opinion.flags for opinion in opinions.values()])
    rows = _agreed_rows(list(opinions), flags, ranks.mean(axis=0))
    levels = {level: sum(row.level is level for row in rows) for level in AgreementLevel}
    return Agreement(rows, levels, _pairs(list(opinions), flags, ranks))


def _descending_ranks(scores: Vector) -> Vector:
    from scipy.stats import rankdata

    ranks: Vector = rankdata(-scores)
    return ranks


def _agreed_rows(labels: list[str], flags: Flags, mean_ranks: Vector) -> tuple[AgreedRow, ...]:
    counts = flags.sum(axis=0)
    flagged = np.flatnonzero(counts)
    order = np.lexsort((flagged, mean_ranks[flagged], -counts[flagged]))
    return tuple(
        AgreedRow(
            row=int(row),
            detectors=tuple(
                label for label, flag in zip(labels, flags[:, row], strict=True) if flag
            ),
            level=AgreementLevel.of(int(counts[row]), len(labels)),
            confidence=float(counts[row] / len(labels)),
            mean_rank=float(mean_ranks[row]),
        )
        for row in flagged[order]
    )


def _pairs(labels: list[str], flags: Flags, ranks: Matrix) -> tuple[PairAgreement, ...]:
    return tuple(
        PairAgreement(
            labels[i],
            labels[j],
            both=int((flags[i] & flags[j]).sum()),
            either=int((flags[i] | flags[j]).sum()),
            spearman=_correlation(ranks[i], ranks[j]),
        )
        for i in range(len(labels))
        for j in range(i + 1, len(labels))
    )


def _correlation(first: Vector, second: Vector) -> float:
    """Pearson's correlation of ranks, which is Spearman's of the scores."""
    first, second = first - first.mean(), second - second.mean()
    length = float(np.sqrt((first @ first) * (second @ second)))
    return float(np.clip(first @ second / length, -1.0, 1.0)) if length > 0 else 0.0
