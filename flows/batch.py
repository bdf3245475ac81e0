"""Many sources, one detector: every one gets its result, or its error."""

from typing import Annotated
from uuid import UUID

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.futures import wait
from prefect.states import Cancelled, Completed, Failed
from prefect.task_runners import ThreadPoolTaskRunner
from pydantic import Field

from detectors.batch.isolation_forest import IsolationForestConfig
from detectors.features import MissingPolicy
from detectors.registry import BatchConfig
from detectors.threshold import FalseAlarm, ThresholdPolicy
from flows.explain_strongest import explain_strongest
from flows.fan_out import fan_out
from flows.parameters import ExplainTop, SampleSize, Seed
from settings import get_settings
from tasks.announce_batch import announce_batch
from tasks.create_batch import BatchWork, create_batch, resume_batch
from tasks.detect_source import detect_source
from tasks.detection_request import DetectionRequest
from tasks.finish_batch import cancel_batch, fail_batch, finish_batch
from tasks.publish_batch_report import choose_reports, publish_batch_report
from tasks.publish_report import publish_report
from tasks.select_sources import select_sources
from tasks.settle_detection import settle_detection
from tasks.signs_of_life import signs_of_life
from tasks.take_over_batch import take_over_batch
from tasks.watch_batch import BatchCancelledError, BatchWatch

_CHARTS_AT_ONCE = 2


@flow(task_runner=ThreadPoolTaskRunner(max_workers=_CHARTS_AT_ONCE))  # type: ignore[arg-type]
def batch(
    sources: list[str] | None = None,
    tags: list[str] | None = None,
    detector: BatchConfig = IsolationForestConfig(),
    columns: list[str] | None = None,
    sample_size: SampleSize = None,
    threshold: ThresholdPolicy = FalseAlarm(),
    missing: MissingPolicy = "impute",
    seed: Seed = 0,
    name: str | None = None,
    max_workers: Annotated[int | None, Field(ge=1, le=256)] = None,
    source_timeout: Annotated[float | None, Field(gt=0)] = 3600.0,
    source_reports: Annotated[int, Field(ge=0, le=1000)] = 20,
    resume: UUID | None = None,
    take_over: UUID | None = None,
    explain_top: ExplainTop = 0,
) -> State[UUID]:
    """Find the anomalous rows of many sources, several at the same time.

    Triggered by a schedule (nightly in ``prefect.yaml``), the form in the Prefect UI, the API, or
    ``vigil batch``. Reads the sources and their registrations; writes one Batch with a Detection a
    source, the artifacts ``batch-progress`` and ``batch-report``, reports of the sources that stand
    out, and the event ``vigil.batch.completed``. Requires a migrated database.

    The flow run fails only when no source succeeded.

    Args:
        sources: Names of registered sources. All sources when neither names nor tags are given.
        tags: Sources with one of these tags.
        detector: The algorithm, and its parameters.
        columns: Columns to watch. When empty, those of each source, else every numeric and boolean
            one.
        sample_size: Rows to fit on, drawn at random. All rows are scored anyway.
        threshold: How the score above which a row is an anomaly is chosen.
        missing: What to do with rows in which a value is missing.
        seed: The same seed gives the same result.
        name: What to call this batch.
        max_workers: Sources worked on at the same time. When empty, what VIGIL_MAX_WORKERS says.
        source_timeout: Seconds after which a source is given up.
        source_reports: Draw a report of its own for so many sources, those that stand out first.
        resume: Id of an earlier batch, to run just what is missing there. All other parameters are
            those of that batch.
        take_over: Id of a flow run of batch that died, to run what it left. An automation fills it
            in (docs/workers.md); where there is nothing to take over, the run ends at once.
        explain_top: Explain so many of the strongest anomalies of each source, once all results
            are stored. What fails is said, and changes no result. Sources with a report of their
            own get one of this too.

    Returns:
        The id of the Batch.

    Raises:
        BatchStuckError: the batch to take over died twice without one more source done.
        EmptySelectionError: no source is selected.
        UnknownSourceError: a source is not registered; nothing was begun.
        DatabaseError: the database cannot be used.
    """
    with signs_of_life():
        if resume is not None:
            work: BatchWork | None = resume_batch(resume)
        elif take_over is not None:
            work = take_over_batch(take_over)
        else:
            request = DetectionRequest(
                detector=detector,
                columns=columns,
                sample_size=sample_size,
                threshold=threshold,
                missing=missing,
                seed=seed,
            )
            workers = max_workers or get_settings().max_workers
            selected = select_sources(sources, tags)
            work = create_batch(selected, request, name, workers, source_timeout)
        if work is None:
            return Completed(message="nothing to take over: the log says why")
        return _run(work, source_reports, explain_top)


def _run(work: BatchWork, source_reports: int, explain_top: int) -> State[UUID]:
    try:
        _detect_all(work)
    except BatchCancelledError as error:
        left = cancel_batch(work.batch_id)
        return Cancelled(message=f"{error}; {left} sources were not finished")
    except Exception as error:
        fail_batch(work.batch_id, error)
        raise
    summary = finish_batch(work.batch_id)
    # Nothing is lost from here on, so that charts may take their time.
    drawn = choose_reports(work.batch_id, source_reports)
    reports = publish_report.map(drawn)
    wait(reports)
    artifacts = {
        detection_id: report.result()
        for detection_id, report in zip(drawn, reports, strict=True)
        if report.state.is_completed()
    }
    publish_batch_report(work.batch_id, artifacts)
    announce_batch(work.batch_id)
    unexplained = explain_strongest(list(work.sources), explain_top, drawn)
    text = summary.text
    if unexplained:
        text += f"; {unexplained} could not be explained, see their reports"
    if summary.succeeded == 0:
        return Failed(message=text)
    return Completed(message=text, data=work.batch_id)


def _detect_all(work: BatchWork) -> None:
    detecting = detect_source.with_options(retries=get_settings().read_retries)
    calls = {
        detection_id: {
            "detection_id": detection_id,
            "source": source,
            "timeout": work.source_timeout,
        }
        for detection_id, source in work.sources.items()
    }
    watch = BatchWatch(work)
    fan_out(detecting, calls, work.max_workers, ended=settle_detection, tick=watch.tick)
