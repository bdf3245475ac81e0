"""What a caller asks of a detection, apart from the source."""

from collections.abc import Sequence
from uuid import UUID

from pydantic import BaseModel, ConfigDict, TypeAdapter

from detectors.features import MissingPolicy
from detectors.registry import BatchConfig, parse_config
from detectors.roles import ColumnRoles
from detectors.threshold import ThresholdPolicy
from models.tables.batch import BatchRequest
from models.tables.comparison import ComparisonRequest
from models.tables.detection import Detection
from models.tables.detection import DetectionRequest as StoredRequest
from models.tables.run import RunRequest
from models.tables.source import Source

_threshold_policy: TypeAdapter[ThresholdPolicy] = TypeAdapter(ThresholdPolicy)


class DetectionRequest(BaseModel):
    """One detector with all that decides its result; see the flow ``detect`` for the fields."""

    model_config = ConfigDict(frozen=True)

    detector: BatchConfig
    threshold: ThresholdPolicy
    columns: list[str] | None
    sample_size: int | None
    missing: MissingPolicy
    seed: int

    def stored(
        self, source_id: UUID, flow_run_id: UUID | None, label: str | None = None
    ) -> StoredRequest:
        """Return the request as the database keeps it."""
        return StoredRequest(
            source_id=source_id,
            label=label,
            algorithm=self.detector.algorithm,
            detector=self.detector.model_dump(mode="json"),
            **vars(self._run(flow_run_id)),
        )

    def stored_batch(
        self,
        name: str | None,
        max_workers: int,
        source_timeout: float | None,
        flow_run_id: UUID | None,
    ) -> BatchRequest:
        """Return a batch of such requests as the database keeps it."""
        return BatchRequest(
            name=name,
            max_workers=max_workers,
            source_timeout_seconds=source_timeout,
            algorithm=self.detector.algorithm,
            detector=self.detector.model_dump(mode="json"),
            **vars(self._run(flow_run_id)),
        )

    def stored_comparison(self, source_id: UUID, flow_run_id: UUID | None) -> ComparisonRequest:
        """Return a comparison of such requests as the database keeps it."""
        return ComparisonRequest(source_id=source_id, **vars(self._run(flow_run_id)))

    def _run(self, flow_run_id: UUID | None) -> RunRequest:
        return RunRequest(
            threshold_policy=self.threshold.model_dump(mode="json"),
            columns=self.columns,
            sample_size=self.sample_size,
            missing=self.missing,
            seed=self.seed,
            flow_run_id=flow_run_id,
        )

    @classmethod
    def restored(cls, detection: Detection) -> "DetectionRequest":
        """Return the request that ``detection`` was created from."""
        return cls(
            detector=parse_config(detection.detector),
            threshold=_threshold_policy.validate_python(detection.threshold_policy),
            columns=detection.columns,
            sample_size=detection.sample_size,
            missing=detection.missing,
            seed=detection.seed,
        )

    def roles(self, source: Source) -> ColumnRoles:
        """Return which column of ``source`` is what in this detection."""
        chosen: Sequence[str] | None = self.columns or source.columns
        return ColumnRoles(
            features=None if chosen is None else tuple(chosen),
            keys=tuple(source.key_columns),
            cursor=source.cursor_column,
            label=source.label_column,
        )
