"""What a flow run does with its streams, shown until it has ended."""

from threading import Event, Thread
from time import monotonic
from typing import Any
from uuid import UUID

from sqlmodel import Session

from cli.alert_follower import AlertFollower
from cli.alert_words import alert_line
from cli.database import database
from cli.progress import Progress
from cli.stream_shapes import RanStreamShape
from models.errors import DatabaseError
from models.queries.stream_progress import (
    StreamProgress,
    stream_progress,
    streams_of_flow_run,
)
from models.tables.stream import Stream
from reports.numbers import counted, duration
from tasks.database import utc_now

_SECONDS = 1.0


class StreamFollower:
    """Shows the alerts of a flow run and how far it is, beside that flow run.

    Attributes:
        flow_run_id: None until the flow run begins.
    """

    def __init__(self, progress: Progress, run_for: float) -> None:
        """Follow a flow run that is about to begin and to take so many seconds."""
        self.flow_run_id: UUID | None = None
        self._progress = progress
        self._run_for = run_for
        self._begun_at = monotonic()
        self._stopped = Event()
        self._thread = Thread(target=self._follow, daemon=True)
        with database() as session:
            self._before = stream_progress(session)
            self._alerts = AlertFollower(session, None, utc_now())

    def begin(self, flow: object, flow_run: Any, state: object) -> None:
        """Begin to follow: what Prefect calls when the flow run begins."""
        self.flow_run_id = flow_run.id
        self._begun_at = monotonic()
        self._thread.start()

    def stop(self) -> None:
        """Show no more."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def results(self) -> list[RanStreamShape]:
        """Return what the flow run did with each of its streams, by name."""
        with database() as session:
            return self._results(session)

    def _results(self, session: Session) -> list[RanStreamShape]:
        if self.flow_run_id is None:
            return []
        streams = streams_of_flow_run(session, self.flow_run_id)
        after = stream_progress(session, [stream.id for stream in streams])
        return [self._result(stream, after.get(stream.id)) for stream in streams]

    def _result(self, stream: Stream, after: StreamProgress | None) -> RanStreamShape:
        before = self._before.get(stream.id)
        rows = (after.rows_seen if after else 0) - (before.rows_seen if before else 0)
        skipped = (after.rows_skipped if after else 0) - (before.rows_skipped if before else 0)
        alerts = (after.alerts if after else 0) - (before.alerts if before else 0)
        return RanStreamShape(
            id=stream.id,
            name=stream.name,
            status=stream.status,
            skipped_points=max(skipped, 0),
            points=max(rows, 0),  # it may have been reset meanwhile
            alerts=max(alerts, 0),
            behind=stream.behind,
            behind_unit=stream.behind_unit,
            failures=stream.failures,
            error_type=stream.error_type,
            error_message=stream.error_message,
        )

    def _follow(self) -> None:
        stopped, unreachable = False, False
        while not stopped:
            stopped = self._stopped.wait(_SECONDS)  # and then look once more
            try:
                self._show()
                unreachable = False
            except DatabaseError as error:  # the flow run waits for it too
                if not unreachable:
                    self._progress.note(str(error))
                unreachable = True

    def _show(self) -> None:
        with database() as session:
            streams = self._results(session)
            new = self._alerts.look(session)
        names = {stream.id: stream.name for stream in streams}
        for alert in new:
            if alert.stream_id in names:
                self._progress.note(alert_line(alert, names[alert.stream_id]))
        rows = sum(stream.points for stream in streams)
        alerts = sum(stream.alerts for stream in streams)
        passed = min(monotonic() - self._begun_at, self._run_for)
        remains = self._run_for - passed
        left = f"{duration(remains)} left" if remains else "time is up"
        text = (
            f"{counted(len(streams), 'stream')}: {counted(rows, 'row')}, "
            f"{counted(alerts, 'alert')}; {left}"
        )
        self._progress.measure(round(passed), round(self._run_for), text)
