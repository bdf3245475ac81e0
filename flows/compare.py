"""One source, several detectors: fan out, and reduce to where they agree."""

from typing import Annotated, Any
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from pydantic import Field

from detectors.agreement import Opinion
from detectors.batch.consensus import ConsensusConfig
from detectors.batch.hbos import HbosConfig
from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.features import MissingPolicy
from detectors.registry import BatchConfig
from detectors.threshold import FalseAlarm, ThresholdPolicy
from flows.fan_out import fan_out
from flows.parameters import SampleSize, Seed
from settings import get_settings
from tasks.announce_comparison import announce_comparison
from tasks.create_comparison import ComparisonWork, create_comparison
from tasks.detection_request import DetectionRequest
from tasks.fail_comparison import fail_comparison
from tasks.load_table import LoadedTable, load_table
from tasks.publish_comparison_report import publish_comparison_report
from tasks.reduce_comparison import reduce_comparison
from tasks.score_detector import score_detector
from tasks.settle_detection import settle_detection
from tasks.signs_of_life import signs_of_life

_DETECTORS: list[BatchConfig] = [IsolationForestConfig(), ConsensusConfig(), HbosConfig()]


@flow(flow_run_name="compare-{source}")
def compare(
    source: str,
    detectors: Annotated[list[BatchConfig], Field(min_length=2, max_length=12)] = _DETECTORS,
    columns: list[str] | None = None,
    sample_size: SampleSize = None,
    threshold: ThresholdPolicy = FalseAlarm(),
    missing: MissingPolicy = "impute",
    seed: Seed = 0,
) -> UUID:
    """Score one source with several detectors, and find the rows they agree on.

    Triggered by the form in the Prefect UI, by the API, or by ``vigil compare``. Reads the source
    once; writes one Comparison with a Detection a detector and an AgreementRecord a flagged row, a
    report as the artifact ``comparison-<source>``, and the event ``vigil.comparison.completed``.
    Requires a migrated database.

    A detector that fails is an error in its row; the flow run fails when all do.

    Args:
        source: Name of a registered source.
        detectors: Two to twelve algorithms with their parameters; the same one may come twice.
        columns: Columns to watch. When empty, those of the source, else every numeric and boolean
            one.
        sample_size: Rows to fit on, drawn at random. All rows are scored anyway.
        threshold: How the score above which a row is an anomaly is chosen, for every detector.
        missing: What to do with rows in which a value is missing.
        seed: The same seed gives the same result.

    Returns:
        The id of the Comparison.

    Raises:
        SourceError: the source cannot be read; the Comparison says so too.
        DetectorError: there is nothing in it to detect anomalies in; likewise.
        UnknownSourceError: there is no source of this name.
        DatabaseError: the database cannot be used.
    """
    requests = [
        DetectionRequest(
            detector=detector,
            columns=columns,
            sample_size=sample_size,
            threshold=threshold,
            missing=missing,
            seed=seed,
        )
        for detector in detectors
    ]
    with signs_of_life():
        work = create_comparison(source, requests)
        try:
            loading = load_table.with_options(retries=get_settings().read_retries)
            loaded = loading(source, requests[0])
            opinions = _score_all(work, loaded)
            reduce_comparison(work.comparison_id, loaded, opinions)
        except Exception as error:
            fail_comparison(work.comparison_id, error)
            publish_comparison_report(work.comparison_id, {})
            raise
        publish_comparison_report(work.comparison_id, opinions)
        announce_comparison(work.comparison_id)
    return work.comparison_id


class AllDetectorsFailedError(Exception):
    """Not one detector of a comparison succeeded."""


def _score_all(work: ComparisonWork, loaded: LoadedTable) -> dict[str, Opinion]:
    """Run one task a detector, and return what those say that succeeded, by label.

    Raises:
        AllDetectorsFailedError: none did.
    """
    opinions: dict[str, Opinion] = {}

    def ended(detection_id: UUID, state: State[Any]) -> None:
        settle_detection(detection_id, state)
        if state.is_completed():
            opinions[work.detectors[detection_id]] = state.result()

    calls = {
        detection_id: {"detection_id": detection_id, "label": label, "loaded": loaded}
        for detection_id, label in work.detectors.items()
    }
    n_workers = min(get_settings().max_workers, len(calls))
    fan_out(score_detector, calls, n_workers, ended=ended, tick=tuple)
    if not opinions:
        raise AllDetectorsFailedError(
            f"all {len(work.detectors)} detectors failed: "
            f"`vigil comparisons show {work.comparison_id}` says why"
        )
    return {label: opinions[label] for label in work.detectors.values() if label in opinions}
