"""``vigil alerts``: what streams raised, and what people do about it."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from cli.database import database
from cli.options import AsJson, Limit, Offset
from cli.output import console, print_json, short_id
from cli.stream_options import OnlyIncident, OnlyKind, OnlyState, Since, Until

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from sqlmodel import Session

    from models.tables.alert import Alert

app = typer.Typer(no_args_is_help=True, help="Read the alerts of streams, and answer them.")

AlertId = Annotated[str, typer.Argument(metavar="ID", help="Its id, or the first digits of it.")]
AlertIds = Annotated[
    list[str], typer.Argument(metavar="ID...", help="Their ids, or the first digits of them.")
]


@app.command("list")
def list_(
    stream: Annotated[
        str | None, typer.Option("--stream", "-s", metavar="STREAM", help="Only of this one.")
    ] = None,
    kind: OnlyKind = None,
    state: OnlyState = None,
    incident: OnlyIncident = None,
    since: Since = None,
    until: Until = None,
    offset: Offset = 0,
    limit: Limit = 20,
    as_json: AsJson = False,
) -> None:
    """List alerts, the latest first."""
    words = ("alerts", "list", *(("--stream", stream) if stream else ()))
    list_of_alerts(
        stream, kind, state, incident, since, until, offset, limit, words, as_json=as_json
    )


def list_of_alerts(
    stream: str | None,
    kind: str | None,
    state: str | None,
    incident: int | None,
    since: str | None,
    until: str | None,
    offset: int,
    limit: int,
    words: Sequence[str],
    *,
    as_json: bool,
) -> None:
    """Print the alerts that the options of a command choose; ``words`` are of that command."""
    from cli.alert_view import print_alerts
    from cli.durations import moment_option
    from models.queries.alerts import AlertFilter, list_alerts
    from models.queries.streams import get_stream
    from models.stream_status import AlertKind, AlertState
    from tasks.database import utc_now

    now = utc_now()
    filters = {"--kind": kind, "--state": state, "--incident": incident}
    filters |= {"--since": since, "--until": until}
    given = [word for option, value in filters.items() if value for word in (option, str(value))]
    with database() as session:
        matching = AlertFilter(
            stream_id=None if stream is None else get_stream(session, stream).id,
            kind=None if kind is None else AlertKind(kind),
            state=None if state is None else AlertState(state),
            incident=incident,
            since=None if since is None else moment_option(since, "--since", now),
            until=None if until is None else moment_option(until, "--until", now),
        )
        page = list_alerts(session, now, matching, offset=offset, limit=limit)
        print_alerts(session, page, now, [*words, *given], as_json=as_json)


@app.command()
def show(alert_id: AlertId, as_json: AsJson = False) -> None:
    """Show an alert: what each column held, and what was expected."""
    from cli.alert_shapes import AlertShape
    from cli.alert_view import print_alert
    from models.queries.alerts import get_alert
    from models.queries.stream_progress import streams_by_id
    from tasks.database import utc_now

    now = utc_now()
    with database() as session:
        alert = get_alert(session, alert_id)
        stream = streams_by_id(session, [alert.stream_id])[alert.stream_id]
    if as_json:
        print_json(AlertShape.of(alert, stream, now))
    else:
        print_alert(alert, stream, now)


@app.command()
def ack(alert_ids: AlertIds, as_json: AsJson = False) -> None:
    """Say that you know of alerts."""
    from models.queries.alerts import acknowledge_alert

    _change(alert_ids, acknowledge_alert, as_json=as_json)


@app.command()
def snooze(
    alert_ids: AlertIds,
    duration: Annotated[
        str, typer.Option("--for", metavar="DURATION", help="For so long: 30m, 2h, 1d.")
    ] = "1h",
    as_json: AsJson = False,
) -> None:
    """Put alerts aside for a while; their incidents send no notification until then."""
    from datetime import timedelta

    from cli.durations import duration_option
    from models.queries.alerts import snooze_alert

    seconds = duration_option(duration, "--for")

    def change(session: "Session", alert_id: "UUID", now: "datetime") -> "Alert":
        return snooze_alert(session, alert_id, now + timedelta(seconds=seconds), now)

    _change(alert_ids, change, as_json=as_json)


@app.command()
def resolve(alert_ids: AlertIds, as_json: AsJson = False) -> None:
    """Close alerts."""
    from models.queries.alerts import resolve_alert

    _change(alert_ids, resolve_alert, as_json=as_json)


@app.command()
def feedback(
    alert_id: AlertId,
    right: Annotated[
        Literal["true", "false"],
        typer.Argument(metavar="true|false", help="Whether the alert was right."),
    ],
    note: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What there is to say about it.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Keep with an alert whether it was right, so that thresholds can be judged by it."""
    from models.queries.alerts import give_feedback

    def change(session: "Session", alert_id: "UUID", now: "datetime") -> "Alert":
        return give_feedback(session, alert_id, right == "true", note)

    _change([alert_id], change, as_json=as_json)


def _change(
    alert_ids: Sequence[str],
    change: "Callable[[Session, UUID, datetime], Alert]",
    *,
    as_json: bool,
) -> None:
    """Change all of the alerts, or none of them, and say how they stand then."""
    from cli.alert_shapes import AlertShape, ChangedAlertsShape
    from cli.alert_words import describe_alert, describe_state
    from cli.output import moment
    from models.queries.alerts import get_alert
    from models.queries.stream_progress import streams_by_id
    from models.stream_status import AlertState
    from tasks.database import utc_now

    now = utc_now()
    with database(writes=True) as session:
        ids = dict.fromkeys(get_alert(session, alert_id).id for alert_id in alert_ids)
        alerts = [change(session, alert_id, now) for alert_id in ids]
        streams = streams_by_id(session, {alert.stream_id for alert in alerts})
    if as_json:
        shapes = [AlertShape.of(alert, streams[alert.stream_id], now) for alert in alerts]
        print_json(ChangedAlertsShape(alerts=shapes))
        return
    for alert in alerts:
        until = (
            f" until {moment(alert.snoozed_until)} UTC" if alert.state is AlertState.SNOOZED else ""
        )
        what = f"{streams[alert.stream_id].name}, {describe_alert(alert)}"
        console().print(
            f"{short_id(alert.id)} ({what}): {describe_state(alert, now)}{until}", soft_wrap=True
        )
