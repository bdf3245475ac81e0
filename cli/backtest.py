"""``vigil backtest``: what a stream would have raised, before there is one."""

from cli.database import database
from cli.options import AlgorithmSettings, AsJson, Columns, Seed, SourceName, Verbose
from cli.output import print_json
from cli.prefect_session import prefect_session
from cli.progress import Progress
from cli.stream_options import (
    Backfill,
    Cooldown,
    LearnAnomalies,
    MinConsecutive,
    OnlineAlgorithm,
    ResolveAfter,
    ScoreThreshold,
    TimeColumn,
    Window,
)


def backtest(
    source: SourceName,
    algorithm: OnlineAlgorithm = "value_gap",
    settings: AlgorithmSettings = None,
    window: Window = None,
    column: Columns = None,
    threshold: ScoreThreshold = None,
    time_column: TimeColumn = None,
    backfill: Backfill = 0,
    min_consecutive: MinConsecutive = 1,
    cooldown: Cooldown = "0s",
    resolve_after: ResolveAfter = 100,
    learn_anomalies: LearnAnomalies = True,
    seed: Seed = 0,
    verbose: Verbose = False,
    as_json: AsJson = False,
) -> None:
    """Replay a source through an online detector, and show what it would have raised.

    Runs the flow backtest in this process; its report is in the Prefect UI. Nothing is kept. With
    a label column it says how many of the known events are found; without one, how many alerts
    each threshold gives.
    """
    from cli.backtest_view import BacktestShape, print_backtest
    from cli.choices import read_online_detector
    from cli.durations import read_duration
    from models.queries.sources import get_source

    detector = read_online_detector(algorithm, settings or (), window)
    seconds = read_duration(cooldown, "--cooldown")
    with database() as session:
        get_source(session, source)  # a misspelt name need not wait for Prefect
    with Progress() as progress, prefect_session(progress, verbose=verbose):
        progress.say("loading the detectors")
        from flows.backtest import backtest as flow

        result = flow(
            source=source,
            detector=detector,
            columns=column or None,
            threshold=threshold,
            time_column=time_column,
            learn_anomalies=learn_anomalies,
            backfill=backfill,
            min_consecutive=min_consecutive,
            cooldown_seconds=seconds,
            resolve_after=resolve_after,
            seed=seed,
        )
    if as_json:
        print_json(BacktestShape.of(result))
    else:
        print_backtest(result)
