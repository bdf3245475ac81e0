"""Reduce what several detectors say of one table to where they agree."""

from collections.abc import Mapping
from uuid import UUID

import numpy as np
from prefect import task
from prefect.cache_policies import NO_CACHE

from detectors.agreement import Agreement, AgreementLevel, Opinion, find_agreement
from models.agreement_level import AgreementLevel as StoredLevel
from models.queries.comparison_life import finish_comparison
from models.status import Status
from models.tables.agreement_record import AgreementRow
from models.tables.comparison import LevelGrade, PairOverlap
from models.tables.results import ComparisonResult
from tasks.database import repeated, utc_now
from tasks.load_table import LoadedTable
from tasks.rows import row_keys, row_values


@task(cache_policy=NO_CACHE)
def reduce_comparison(
    comparison_id: UUID, loaded: LoadedTable, opinions: Mapping[str, Opinion]
) -> Status:
    """Find the agreement of the detectors that succeeded, and store it with the comparison.

    Args:
        comparison_id: a running comparison whose detections have all ended.
        loaded: the table they scored.
        opinions: what they say, by label; at least one.

    Returns:
        How the comparison ended: success, or partial where a detector failed.
    """
    agreement = find_agreement(opinions)
    result = ComparisonResult(
        total_rows=len(loaded.frame),
        scored_rows=len(loaded.table.X),
        features=list(loaded.table.encoder.names),
        left_out=loaded.table.encoder.left_out,
        fingerprint=loaded.table.fingerprint,
        pairs=[
            PairOverlap(
                first=pair.first,
                second=pair.second,
                both=pair.both,
                either=pair.either,
                jaccard=pair.jaccard,
                spearman=pair.spearman,
            )
            for pair in agreement.pairs
        ],
        level_grades=_level_grades(agreement, loaded),
        records=_records(agreement, loaded),
    )
    finished = repeated(
        lambda session: finish_comparison(session, comparison_id, result, utc_now())
    )
    return finished.status


def _records(agreement: Agreement, loaded: LoadedTable) -> list[AgreementRow]:
    places = np.array([row.row for row in agreement.rows], dtype=np.int64)
    positions = loaded.table.positions[places]
    columns = [column.name for column in loaded.table.encoder.columns]
    kept = zip(
        agreement.rows,
        positions.tolist(),
        row_keys(loaded.frame, loaded.source.key_columns, positions),
        row_values(loaded.frame, columns, positions),
        strict=True,
    )
    return [
        AgreementRow(
            row_index=position,
            row_key=key,
            rank=rank,
            detectors=list(row.detectors),
            level=StoredLevel(row.level.value),
            confidence=row.confidence,
            mean_rank=row.mean_rank,
            values=values,
            label=_known(loaded, row.row),
        )
        for rank, (row, position, key, values) in enumerate(kept, start=1)
    ]


def _known(loaded: LoadedTable, place: int) -> bool | None:
    labels = loaded.table.labels
    return None if labels is None or np.isnan(labels[place]) else bool(labels[place])


def _level_grades(agreement: Agreement, loaded: LoadedTable) -> dict[str, LevelGrade] | None:
    if loaded.table.labels is None:
        return None
    known = int((loaded.table.labels == 1).sum())
    return {
        level.value: _grade(
            [_known(loaded, row.row) for row in agreement.rows if row.level is level], known
        )
        for level in AgreementLevel
    }


def _grade(labels: list[bool | None], known: int) -> LevelGrade:
    graded = [label for label in labels if label is not None]
    found = sum(graded)
    return LevelGrade(
        graded=len(graded),
        found=found,
        precision=found / len(graded) if graded else None,
        recall=found / known if known else None,
    )
