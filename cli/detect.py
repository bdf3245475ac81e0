"""``vigil detect``: run the flow here and now."""

from typing import TYPE_CHECKING

from cli.database import database
from cli.home import command_line
from cli.options import (
    Algorithm,
    AlgorithmSettings,
    AsJson,
    Columns,
    ExplainTop,
    Missing,
    SampleSize,
    Seed,
    SourceName,
    Threshold,
    Verbose,
)
from cli.output import console, short_id
from cli.prefect_session import prefect_session
from cli.progress import Progress

if TYPE_CHECKING:
    from uuid import UUID

_ANOMALIES = 10


def detect(
    source: SourceName,
    algorithm: Algorithm = "isolation_forest",
    settings: AlgorithmSettings = None,
    column: Columns = None,
    threshold: Threshold = "false_alarm:0.01",
    sample_size: SampleSize = None,
    missing: Missing = "impute",
    seed: Seed = 0,
    explain: ExplainTop = 0,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Find the anomalous rows of a source, and keep them.

    Runs the flow detect in this process; its report is in the Prefect UI. The detector is fitted
    on the rows of the source themselves, so no labels and no clean rows are needed.
    """
    from cli.choices import read_detector, read_threshold
    from models.queries.sources import get_source

    config = read_detector(algorithm, settings or ())
    policy = read_threshold(threshold)
    with database() as session:
        get_source(session, source)  # a misspelt name need not wait for Prefect
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("loading the detectors")
        from flows.detect import detect as flow

        detection_id = flow(
            source=source,
            detector=config,
            columns=column or None,
            sample_size=sample_size,
            threshold=policy,
            missing=missing,
            seed=seed,
            explain_top=explain,
        )
    _print_result(detection_id, as_json=as_json)


def _print_result(detection_id: "UUID", *, as_json: bool) -> None:
    from cli.detection_view import load_view
    from models.queries.detections import get_detection

    with database() as session:
        view = load_view(session, get_detection(session, detection_id), _ANOMALIES, 0)
    view.print(as_json=as_json)
    if as_json:
        return
    out = console()
    if view.anomalies.total:
        why = command_line("explain", short_id(detection_id))
        out.print(f"\nWhy these rows: {why}", soft_wrap=True)
    others = command_line("detections", "list", "--source", view.detection.source_name)
    out.print(f"All detections of it: {others}", soft_wrap=True)
