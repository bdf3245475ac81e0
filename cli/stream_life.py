"""``vigil streams pause``, ``resume``, ``stop``, ``reset`` and ``delete``."""

from typing import TYPE_CHECKING

from cli.database import database
from cli.home import command_line
from cli.options import AsJson, Yes
from cli.output import confirm, console, print_json
from cli.stream_options import StreamName

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from sqlmodel import Session

    from cli.stream_shapes import LostStreamShape
    from models.tables.stream import Stream


def pause(name: StreamName, as_json: AsJson = False) -> None:
    """Let a stream rest, until it is resumed from where it is."""
    from models.queries.stream_life import pause_stream

    _change(name, pause_stream, as_json=as_json)


def resume(name: StreamName, as_json: AsJson = False) -> None:
    """Let a stream that is paused, stopped or given up go on from where it is."""
    from models.queries.stream_life import resume_stream

    _change(name, resume_stream, as_json=as_json)


def stop(name: StreamName, as_json: AsJson = False) -> None:
    """End a stream; what it found stays, and it can be resumed."""
    from models.queries.stream_life import stop_stream

    _change(name, stop_stream, as_json=as_json)


def reset(name: StreamName, yes: Yes = False, as_json: AsJson = False) -> None:
    """Let a stream begin anew: forget what it learnt, its place in the source, and its alerts."""
    from models.queries.stream_life import reset_stream
    from tasks.database import utc_now

    loss = _count_loss(name)
    confirm(f"Reset {loss.name} and lose {_describe(loss)}?", yes=yes)
    with database(writes=True) as session:
        stream = reset_stream(session, loss.id, utc_now())
    begins = "row that is pushed to it" if stream.source_id is None else "row of its source"
    _print_loss(
        loss,
        f"Reset {loss.name}: {_describe(loss)} lost. It begins at the first {begins}.",
        as_json,
    )


def delete(name: StreamName, yes: Yes = False, as_json: AsJson = False) -> None:
    """Delete a stream with its alerts; its source stays."""
    from models.queries.streams import delete_stream

    loss = _count_loss(name)
    confirm(f"Delete {loss.name} and lose {_describe(loss)}?", yes=yes)
    with database(writes=True) as session:
        delete_stream(session, loss.id)
    _print_loss(loss, f"Deleted {loss.name}: {_describe(loss)} lost.", as_json)


def _change(name: str, change: "Callable[[Session, UUID], Stream]", *, as_json: bool) -> None:
    from cli.stream_shapes import ChangedStreamShape
    from models.queries.lease import take_from_dead
    from models.queries.streams import get_stream
    from models.stream_status import StreamStatus
    from tasks.database import utc_now
    from tasks.stale_runs import life_check

    with database(writes=True) as session:
        stream = change(session, get_stream(session, name).id)
        take_from_dead(session, stream, life_check(session))
    held = stream.is_held(utc_now())
    if as_json:
        print_json(
            ChangedStreamShape(id=stream.id, name=stream.name, status=stream.status, held=held)
        )
        return
    if stream.status is not StreamStatus.RUNNING:
        after = " The flow run that works on it lets it go within seconds." if held else ""
        back = command_line("streams", "resume", stream.name)
        text = f"{stream.name} is {stream.status}.{after} Go on from where it is: {back}"
    elif held:
        text = f"{stream.name} goes on."
    else:
        polls = command_line("stream")
        text = f"{stream.name} goes on with the next flow run that takes it; start one: {polls}"
    console().print(text, soft_wrap=True)


def _count_loss(name: str) -> "LostStreamShape":
    from cli.stream_shapes import LostStreamShape
    from models.queries.stream_progress import stream_progress
    from models.queries.streams import get_stream

    with database() as session:
        stream = get_stream(session, name)
        progress = stream_progress(session, [stream.id]).get(stream.id)
    return LostStreamShape(
        id=stream.id,
        name=stream.name,
        point_count=0 if progress is None else progress.rows_seen,
        alert_count=0 if progress is None else progress.alerts,
    )


def _describe(loss: "LostStreamShape") -> str:
    from reports.numbers import counted

    points, alerts = counted(loss.point_count, "row"), counted(loss.alert_count, "alert")
    return f"what it learnt from {points}, and {alerts}"


def _print_loss(loss: "LostStreamShape", text: str, as_json: bool) -> None:
    if as_json:
        print_json(loss)
    else:
        console().print(text, soft_wrap=True)
