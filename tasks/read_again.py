"""Read the source of a detection again, if it still holds what was scored."""

from models.errors import FittedDetectorError
from models.tables.detection import Detection
from models.tables.source import Source
from tasks.detection_request import DetectionRequest
from tasks.load_table import LoadedTable, read_table


def read_again(detection: Detection, source: Source, reason: str) -> LoadedTable:
    """Return the table that a detection scored.

    Args:
        detection: the detection, one that succeeded.
        source: its source.
        reason: why it has to be read, for the error.

    Raises:
        SourceError: it cannot be read.
        FittedDetectorError: it holds something else by now, or more than memory may.
    """
    if detection.chunk_rows is not None:
        raise FittedDetectorError(
            f"{source.name} was scored in chunks, since it is larger than memory may hold, and "
            f"{reason}: explain anomalies that are stored, or raise VIGIL_MEMORY_CELLS and run "
            "`vigil detect` again"
        )
    loaded = read_table(source, DetectionRequest.restored(detection))
    if loaded.table.fingerprint != detection.fingerprint:
        raise FittedDetectorError(
            f"{source.name} has changed since detection {detection.id}, and {reason}: run "
            "`vigil detect` again, and explain that detection"
        )
    return loaded
