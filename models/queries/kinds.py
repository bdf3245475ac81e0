"""The kinds of runs, and how to speak of them."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from models.errors import (
    RecordError,
    UnknownBatchError,
    UnknownComparisonError,
    UnknownDetectionError,
)
from models.tables.batch import Batch
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.run import Run

RunT = TypeVar("RunT", bound=Run)


@dataclass(frozen=True)
class Kind(Generic[RunT]):
    """A kind of run.

    Attributes:
        table: where they are kept.
        name: what a person calls one.
        commands: the group of commands that shows them.
        unknown: raised where there is none.
    """

    table: type[RunT]
    name: str
    commands: str
    unknown: type[RecordError]


DETECTION = Kind(Detection, "detection", "vigil detections", UnknownDetectionError)
BATCH = Kind(Batch, "batch", "vigil batches", UnknownBatchError)
COMPARISON = Kind(Comparison, "comparison", "vigil comparisons", UnknownComparisonError)
