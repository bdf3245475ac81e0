"""Tables whose anomalies are known."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cli.demo_tables import DEMO_TABLES
from detectors.validation import Matrix


def labelled_tables(folder: Path | None) -> Iterator[tuple[str, Matrix, NDArray[np.bool_]]]:
    """Yield name, features and which rows are anomalies, of each table."""
    if folder is None:
        frames = [(table.name, table.build()) for table in DEMO_TABLES]
    else:
        frames = [(path.stem, pd.read_csv(path)) for path in sorted(folder.glob("*.csv"))]
    if not frames:
        raise SystemExit(f"{folder}: no CSV files, expected tables with columns id and is_outlier")
    for name, frame in frames:
        features = frame.drop(columns=["id", "is_outlier"])
        yield name, features.to_numpy(dtype=np.float64), frame["is_outlier"].to_numpy() == 1
