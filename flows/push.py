"""Points that the caller hands over, scored in a stream."""

from typing import Annotated

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed
from pydantic import Field

from tasks.signs_of_life import signs_of_life
from tasks.streams.announcer import Announcer
from tasks.streams.publish_push import publish_push
from tasks.streams.push_points import Point, PushResult, push_points


@flow(flow_run_name="push-{stream}")
def push(
    stream: str, points: Annotated[list[Point], Field(min_length=1, max_length=1000)]
) -> State[PushResult]:
    """Score points in a stream, and return the alerts they raise.

    Triggered by the API or by ``vigil push``. Reads nothing but its points; writes alerts,
    points, statistics and the checkpoint of the stream in one transaction, and the event
    ``vigil.alert.raised`` an alert, and the artifact ``push-<stream>``, which holds the result as
    JSON. Requires a migrated database and a stream, best one without a source: while a flow run
    polls it, a stream takes no points.

    A point whose key is among the recent rows or the alerts of the stream is not scored again, so
    that asking again is safe, and gets the same alerts.

    Args:
        stream: Name of a stream.
        points: At most 1,000, in the order in which they happened.

    Returns:
        A state whose message says how many were scored, and how many alerts there are; its result,
        and the artifact, name the alerts.

    Raises:
        UnknownStreamError: there is no stream of this name.
        StreamStatusError: the stream is paused, stopped or given up.
        StreamHeldError: a flow run polls the stream.
        DetectorError: the points do not have the columns of the stream.
        DatabaseError: the database cannot be used.
    """
    with signs_of_life(), Announcer():
        result = push_points(stream, points)
    return Completed(message=publish_push(stream, result), data=result)
