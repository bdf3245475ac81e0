"""Streams and backtests, small enough to be worked out by hand."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np

from reports.backtest_facts import BacktestReport, BacktestResult, Grade, ThresholdStep
from reports.facts import Failure
from reports.stream_facts import (
    AlertedValue,
    AlertFacts,
    ReportedStream,
    RowSeries,
    StreamColumn,
    StreamLag,
    StreamReport,
)

START = datetime(2026, 3, 1, tzinfo=UTC)


def alert(row: int, incident: int, value: float = 99.0, **changes: Any) -> AlertFacts:
    """An alert whose ``cpu`` was far above what was expected, a minute a row."""
    values = (AlertedValue("cpu", value, 20.0, 45.0, True), AlertedValue("mem", 7.0, 6, 8, False))
    fields = {"time": START + timedelta(minutes=row), "key": f"m{row}", "state": "open"}
    return AlertFacts(
        row=row, score=value / 100, incident=incident, values=values, **fields | changes
    )


def series(n: int = 200, first: int = 1000, *, timed: bool = True, band: bool = False) -> RowSeries:
    """Rows of two columns that go up and down."""
    waves = np.sin(np.arange(n) / 7)
    values = np.column_stack([30 + 5 * waves, 7 + waves])
    times = START.timestamp() + 60.0 * np.arange(first, first + n)
    return RowSeries(
        first=first,
        times=times if timed else np.full(n, np.nan),
        values=values,
        scores=np.abs(waves) / 10,
        low=values - 5 if band else None,
        high=values + 5 if band else None,
    )


def polled(name: str, alerts: tuple[AlertFacts, ...] = (), **changes: Any) -> ReportedStream:
    fields = {
        "source": f"{name}-source",
        "detector": "Value gap",
        "threshold": 0.5,
        "state": "running",
        "rows": 200,
        "alerts": len(alerts),
        "total_rows": 1200,
        "total_alerts": len(alerts) + 1,
        "incidents": 3,
        "warm_up_left": 0,
        "show": f"vigil streams show {name}",
        "list_alerts": f"vigil streams alerts {name}",
        "columns": (
            StreamColumn("cpu", 1200, 3, 30.0, 3.5, 20.0, 99.0, 4),
            StreamColumn("mem", 0, 1203, None, None, None, None, 0),
        ),
        "recent": series(),
        "recent_alerts": alerts,
        "lag": StreamLag(812.0, "bytes"),
    }
    return ReportedStream(name=name, **fields | changes)


def given_up(name: str, message: str = "no file a.csv: put it back") -> ReportedStream:
    failure = Failure("SourceError", message)
    nothing = {"rows": 0, "total_rows": 0, "total_alerts": 0, "incidents": 0, "lag": None}
    empty = {"columns": (), "recent": None, "state": "error", "failures": 10, "failure": failure}
    return polled(name, **nothing, **empty)


def run(*streams: ReportedStream) -> StreamReport:
    return StreamReport(
        flow_run_id="0f0f-77",
        started=START,
        seconds=3600.0,
        streams=streams,
        ended="time was up",
        list_streams="vigil streams list",
        versions={"vigil": "0.1.0"},
    )


def backtest(**changes: Any) -> BacktestReport:
    """Three alerts in 200 rows, two of them in one of two known events."""
    chosen = ThresholdStep(0.5, 4, 3, 2, Grade(events=2, found=1, right=2))
    strict = ThresholdStep(0.9, 1, 1, 1, Grade(events=2, found=0, right=0))
    result = BacktestResult(
        source="cpu",
        algorithm="value_gap",
        columns=("cpu", "mem"),
        rows=200,
        rows_scored=190,
        silent_rows=20,
        seconds=0.25,
        chosen=chosen,
        steps=(chosen, strict),
        alerts=(
            alert(50, 1, state=None),
            alert(52, 1, 97.0, state=None),
            alert(120, 2, state=None),
        ),
    )
    fields = {
        "result": result,
        "detector": "Value gap",
        "series": series(first=0, band=True),
        "labels": ((49, 53), (150, 160)),
        "started": START,
        "create": "vigil streams create cpu --source cpu",
        "rerun": "vigil backtest cpu",
        "parameters": {"window": 4000},
    }
    return BacktestReport(**fields | changes)
