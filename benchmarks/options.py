"""What all benchmarks are told."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Options:
    """Options of one run.

    Attributes:
        quick: leave out what takes long.
        tables: folder of labelled tables; those that scikit-learn ships when None.
        streams: folder of labelled streams; made ones when None.
    """

    quick: bool = False
    tables: Path | None = None
    streams: Path | None = None
