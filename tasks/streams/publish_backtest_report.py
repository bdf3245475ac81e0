"""Show a backtest in the Prefect UI."""

import shlex
from typing import cast
from uuid import UUID

from prefect import task
from prefect.artifacts import create_markdown_artifact
from prefect.cache_policies import NO_CACHE

from detectors.online.backtest import labelled_events
from detectors.registry import parse_online_config
from reports.backtest_facts import BacktestReport
from reports.backtest_report import backtest_headline, render_backtest_report
from tasks.artifact_key import artifact_key
from tasks.command_lines import changed_settings
from tasks.streams.backtest_request import BacktestRequest
from tasks.streams.replay_source import Replay
from tasks.versions import software_versions


@task(cache_policy=NO_CACHE)
def publish_backtest_report(replay: Replay, request: BacktestRequest) -> UUID:
    """Draw the report of a backtest, as the artifact ``backtest-<source>``."""
    result = replay.result
    name = shlex.quote(result.source)
    options = _options(request)
    report = BacktestReport(
        result=result,
        detector=request.detector.display_name,
        series=replay.series,
        labels=None if replay.labels is None else tuple(labelled_events(replay.labels)),
        started=replay.started,
        create=f"vigil streams create {name} --source {name} {options}",
        rerun=f"vigil backtest {name} {options}",
        learns_anomalies=request.learn_anomalies,
        parameters=request.detector.model_dump(mode="json", exclude={"algorithm"}),
        versions=software_versions(),
    )
    artifact_id = create_markdown_artifact(
        render_backtest_report(report),
        key=artifact_key("backtest", result.source),
        description=backtest_headline(report),
    )
    return cast(UUID, artifact_id)


def _options(request: BacktestRequest) -> str:
    """Return what differs from the defaults, as the command line takes it."""
    detector = request.detector.model_dump(mode="json")
    words = ["--algorithm", request.detector.algorithm]
    for setting in changed_settings(detector, parse_online_config):
        words += ["--set", setting]
    for column in request.columns or ():
        words += ["--column", column]
    if request.threshold is not None:
        words += ["--threshold", f"{request.threshold:.17g}"]
    if request.time_column is not None:
        words += ["--time-column", request.time_column]
    if not request.learn_anomalies:
        words += ["--no-learn-anomalies"]
    words += ["--backfill", str(request.backfill)] if request.backfill else []
    words += [
        "--min-consecutive",
        str(request.min_consecutive),
        "--cooldown",
        f"{request.cooldown_seconds:g}s",
        "--resolve-after",
        str(request.resolve_after),
        "--seed",
        str(request.seed),
    ]
    return shlex.join(words)
