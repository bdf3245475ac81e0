"""Tell Prefect's server which flow runs have died."""

from collections.abc import Sequence
from uuid import UUID

from httpx import HTTPError
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectNotFound
from prefect.states import Crashed

MESSAGE = "no sign of life; its process was probably killed"


def mark_crashed(flow_run_ids: Sequence[UUID]) -> str | None:
    """Turn flow runs that Prefect takes for running to crashed, which frees what they hold there.

    Returns:
        Why the server could not be told; None if it was, or does not know these flow runs.
    """
    if not flow_run_ids:
        return None
    try:
        with get_client(sync_client=True) as client:
            for flow_run_id in flow_run_ids:
                try:
                    state = client.read_flow_run(flow_run_id).state
                except ObjectNotFound:  # another server's
                    continue
                if state and state.type in {StateType.RUNNING, StateType.CANCELLING}:
                    client.set_flow_run_state(flow_run_id, Crashed(message=MESSAGE), force=True)
    except (HTTPError, RuntimeError) as error:
        return str(error) or type(error).__name__
    return None
