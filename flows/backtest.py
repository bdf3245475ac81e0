"""History through an online detector: what would it have raised?"""

from typing import Annotated

from prefect import flow
from pydantic import Field

from detectors.online.value_gap import ValueGapConfig
from detectors.registry import OnlineConfig
from flows.parameters import Seed
from reports.backtest_facts import BacktestResult
from tasks.signs_of_life import signs_of_life
from tasks.streams.backtest_request import BacktestRequest
from tasks.streams.publish_backtest_report import publish_backtest_report
from tasks.streams.replay_source import replay_source


@flow(flow_run_name="backtest-{source}")
def backtest(
    source: str,
    detector: OnlineConfig = ValueGapConfig(),
    columns: list[str] | None = None,
    threshold: Annotated[float | None, Field(ge=0)] = None,
    time_column: str | None = None,
    learn_anomalies: bool = True,
    backfill: Annotated[int, Field(ge=0)] = 0,
    min_consecutive: Annotated[int, Field(ge=1)] = 1,
    cooldown_seconds: Annotated[float, Field(ge=0)] = 0.0,
    resolve_after: Annotated[int, Field(ge=1)] = 100,
    seed: Seed = 0,
) -> BacktestResult:
    """Replay a source through an online detector, and say what it would have raised.

    Triggered by the form in the Prefect UI, by the API, or by ``vigil backtest``, before a stream
    is switched on. Reads the source from its beginning, as ``detect`` does; writes nothing to the
    database, and a report as the artifact ``backtest-<source>``. Requires a migrated database.

    Args:
        source: Name of a registered source.
        detector: The online algorithm, and its parameters.
        columns: Columns to watch. When empty, those of the source, else every numeric one.
        threshold: A row is an anomaly when its score is greater. When empty, the algorithm's own.
        time_column: When a row happened. When empty, the source's cursor column if it holds times.
        learn_anomalies: Whether the detector learns from anomalies too.
        backfill: The first rows, which are learnt from and raise no alert.
        min_consecutive: So many anomalies in a row make an alert.
        cooldown_seconds: For so long after an alert, by the rows' own time, there is no other.
        resolve_after: So many normal rows in a row end an incident.
        seed: The same seed gives the same result.

    Returns:
        The alerts, and what other thresholds would have done; with precision and recall where the
        source has a label column.

    Raises:
        UnknownSourceError: there is no source of this name.
        SourceError: the source cannot be read.
        DetectorError: its rows do not fit.
    """
    request = BacktestRequest(
        detector=detector,
        columns=columns,
        threshold=threshold,
        time_column=time_column,
        learn_anomalies=learn_anomalies,
        backfill=backfill,
        min_consecutive=min_consecutive,
        cooldown_seconds=cooldown_seconds,
        resolve_after=resolve_after,
        seed=seed,
    )
    with signs_of_life():
        replay = replay_source(source, request)
        publish_backtest_report(replay, request)
        return replay.result
