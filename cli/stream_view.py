"""A stream as commands show it."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Console
from sqlmodel import Session

from cli.alert_shapes import AlertShape
from cli.alert_view import alert_table
from cli.durations import write_seconds
from cli.home import command_line
from cli.output import console, make_facts, make_table, moment, print_json
from cli.stream_shapes import (
    StreamDetailShape,
    StreamStatisticShape,
    describe_lag,
    effective_threshold,
)
from detectors.registry import parse_online_config
from models.paging import Page
from models.queries.alerts import AlertFilter, count_alerts, list_alerts
from models.queries.points import list_stream_statistics
from models.queries.sources import get_source_by_id
from models.queries.stream_progress import StreamProgress, stream_progress
from models.stream_status import POLLABLE, AlertState, StreamStatus
from models.tables.alert import Alert
from models.tables.stream import Stream
from models.tables.stream_statistic import StreamStatistic
from reports.numbers import counted, number, percent, span
from tasks.command_lines import changed_settings


@dataclass(frozen=True)
class StreamView:
    """A stream, how far it is, what its columns have held, and its latest alerts."""

    stream: Stream
    source_name: str | None
    progress: StreamProgress | None
    statistics: list[StreamStatistic]
    states: Counter[AlertState]
    alerts: Page[Alert]
    now: datetime

    def print(self, *, as_json: bool) -> None:
        """Print it for people or for programs."""
        if as_json:
            print_json(self._shape())
            return
        out = console()
        out.print(
            f"{self.stream.name}: {describe_work(self.stream, self.now)}{self._unscored()}",
            style="bold",
        )
        out.print()
        out.print(make_facts((label, value) for label, value in self._facts() if value))
        if self.statistics:
            out.print()
            self._print_statistics(out)
        if self.alerts.items:
            out.print()
            out.print(alert_table(self.alerts.items, {}, self.now))
        if self.alerts.total > len(self.alerts.items):
            more = command_line("streams", "alerts", self.stream.name)
            out.print(f"All {self.alerts.total:,} alerts: {more}", style="dim", soft_wrap=True)

    def _facts(self) -> Iterator[tuple[str, str | None]]:
        stream = self.stream
        yield "source", self.source_name or "none: rows are pushed to it"
        yield "detector", describe_online_detector(stream)
        yield "threshold", number(effective_threshold(stream))
        yield "tags", ", ".join(stream.tags)
        yield "points", self._points()
        yield "empty", self._empty()
        yield "alerts", self._alerts()
        if stream.source_id is not None:
            yield "lag", describe_lag(stream)
            yield "polled", self._polled()
        if stream.error_message is not None:
            failed = f", {stream.failures} of {counted(stream.max_failures, 'failure')}"
            yield "last error", f"{stream.error_type}: {stream.error_message}{failed}"
        yield "alerts of", self._kinds()
        yield "told of alerts", stream.notify_block
        yield "created", f"{moment(stream.created_at)} UTC, stream {stream.id}"

    def _points(self) -> str:
        if self.progress is None:
            return "no row yet"
        seen, left_out = self.progress.rows_seen, self.progress.rows_skipped
        text = f"{seen:,}"
        if left_out:
            text += f", {left_out:,} of them skipped without a value to score"
        kept = min(seen, self.stream.keep_points)
        if self.stream.keep_points:
            text += f"; {kept:,} kept ({percent(kept / self.stream.keep_points)} of the buffer)"
        if self.progress.warm_up_left:
            text += f"; warming up, no alerts for {counted(self.progress.warm_up_left, 'more row')}"
        return text

    def _unscored(self) -> str:
        unscored = 0 if self.progress is None else self.progress.rows_unscored
        return f"; the last {counted(unscored, 'row')} had no value to score" if unscored else ""

    def _empty(self) -> str:
        return ", ".join(
            f"{column.column} for the last {counted(column.empty_rows, 'row')}"
            for column in self.statistics
            if column.empty_rows
        )

    def _alerts(self) -> str:
        if self.progress is None or not self.progress.alerts:
            return "none"
        rate = self.progress.alerts / max(self.progress.rows_scored, 1)
        incidents = counted(self.progress.incidents, "incident")
        each = [f"{count:,} {state}" for state, count in self.states.items() if count]
        return (
            f"{self.progress.alerts:,} in {incidents}, {percent(rate)} of rows: {', '.join(each)}"
        )

    def _kinds(self) -> str:
        stream = self.stream
        kinds = ["anomalous rows"]
        kinds += ["missing columns"] if stream.watch_missing else []
        kinds += ["stuck values"] if stream.watch_stuck else []
        if stream.source_id is not None and stream.silence_seconds is None:
            kinds.append("silence longer than usual")
        elif stream.source_id is not None and stream.silence_seconds:
            kinds.append(f"silence of {write_seconds(stream.silence_seconds)}")
        return ", ".join(kinds)

    def _polled(self) -> str:
        stream = self.stream
        every = f"every {write_seconds(stream.every_seconds)}"
        if stream.last_polled_at is not None:
            every += f", last at {moment(stream.last_polled_at)} UTC"
        if stream.next_poll_at is not None and stream.status in POLLABLE:
            every += f", next at {moment(stream.next_poll_at)} UTC"
        return every

    def _print_statistics(self, out: Console) -> None:
        numbers = ("values", "missing", "mean", "std", "min to max", "anomalies", "rate")
        table = make_table("column", *numbers, right=numbers)
        for column in self.statistics:
            rate = column.anomaly_count / column.count if column.count else 0.0
            table.add_row(
                column.column,
                number(column.count),
                number(column.missing),
                number(column.mean if column.count else None),
                number(column.std),
                span((column.minimum, column.maximum)),
                number(column.anomaly_count),
                percent(rate),
            )
        out.print(table)

    def _shape(self) -> StreamDetailShape:
        return StreamDetailShape.of(
            self.stream,
            self.source_name,
            self.progress,
            self.states,
            self.now,
            alerts_by_state={state: self.states[state] for state in AlertState},
            statistics=[StreamStatisticShape.of(each) for each in self.statistics],
            recent_alerts=[
                AlertShape.of(each, self.stream, self.now) for each in self.alerts.items
            ],
        )


def load_stream_view(session: Session, stream: Stream, alerts: int, now: datetime) -> StreamView:
    """Return a stream with its latest alerts, at most so many."""
    source_id = stream.source_id
    return StreamView(
        stream=stream,
        source_name=None if source_id is None else get_source_by_id(session, source_id).name,
        progress=stream_progress(session, [stream.id]).get(stream.id),
        statistics=list_stream_statistics(session, stream.id),
        states=count_alerts(session, [stream.id], now)[stream.id],
        alerts=list_alerts(session, now, AlertFilter(stream_id=stream.id), limit=alerts),
        now=now,
    )


def describe_work(stream: Stream, now: datetime) -> str:
    """Say where a stream stands and whether somebody works on it."""
    if stream.status is StreamStatus.ERROR:
        resume = command_line("streams", "resume", stream.name)
        return f"given up after {counted(stream.failures, 'failure')} in a row; go on with {resume}"
    if stream.is_held(now):
        wish = "" if stream.status is StreamStatus.RUNNING else ", about to be let go"
        return f"{stream.status}, worked on by flow run {stream.flow_run_id}{wish}"
    if stream.status not in POLLABLE:
        return f"{stream.status}; go on with {command_line('streams', 'resume', stream.name)}"
    if stream.source_id is None:
        return f"{stream.status}, waits for {command_line('push', stream.name)}"
    return f"{stream.status}, but nobody polls it: start {command_line('stream')}"


def describe_online_detector(stream: Stream) -> str:
    """Return a stream's algorithm with what was chosen for it: ewma: half_life=50."""
    chosen: Sequence[str] = changed_settings(stream.detector, parse_online_config)
    learning = [] if stream.learn_anomalies else ["anomalies are not learnt"]
    return f"{stream.algorithm}: {', '.join([*chosen, *learning, f'seed {stream.seed}'])}"
