"""Tell Prefect, and whoever listens there, that a stream was given up."""

from prefect.events import emit_event

from models.tables.stream import Stream
from tasks.streams.messages import FAILED, stream_resource


def announce_failed_stream(stream: Stream) -> None:
    """Emit ``vigil.stream.failed`` with the reason."""
    emit_event(
        event=FAILED,
        resource=stream_resource(stream),
        payload={
            "stream": stream.name,
            "failures": stream.failures,
            "error_type": stream.error_type,
            "error_message": stream.error_message,
        },
    )
