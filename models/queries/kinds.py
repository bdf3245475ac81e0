"""The kinds of runs, and how to speak of them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import (
    RecordError,
    UnknownAlertError,
    UnknownBatchError,
    UnknownComparisonError,
    UnknownDetectionError,
    UnknownStreamError,
)
from models.tables.alert import Alert
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run
from models.tables.stream import Stream

RunT = TypeVar("RunT", bound=Run)
RecordT = TypeVar("RecordT", bound=Run | Stream | Alert)


@dataclass(frozen=True)
class Kind(Generic[RecordT]):
    """A kind of records that have an id.

    Attributes:
        table: where they are kept.
        name: what a person calls one.
        commands: the group of commands that shows them.
        unknown: raised where there is none.
    """

    table: type[RecordT]
    name: str
    commands: str
    unknown: type[RecordError]


DETECTION = Kind(Detection, "detection", "vigil detections", UnknownDetectionError)
BATCH = Kind(Batch, "batch", "vigil batches", UnknownBatchError)
COMPARISON = Kind(Comparison, "comparison", "vigil comparisons", UnknownComparisonError)
STREAM = Kind(Stream, "stream", "vigil streams", UnknownStreamError)
ALERT = Kind(Alert, "alert", "vigil alerts", UnknownAlertError)
