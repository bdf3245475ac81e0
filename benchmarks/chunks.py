"""Parquet files larger than memory may hold, through the flow ``detect``, against reading alone."""

import os
import tempfile
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd
import pyarrow as pa
from pyarrow import parquet

from benchmarks.environment import use_server
from benchmarks.options import Options
from benchmarks.whole_process import detect_file, in_process

_COLUMNS = [f"x{i}" for i in range(10)]
_ROW_GROUP = 500_000


def chunks(options: Options) -> pd.DataFrame:
    """Seconds and peak memory of whole processes, 300 trees fitted on 200,000 rows, two threads.

    Starting up apart. Reading alone decodes the file once in chunks, on one thread; the flow reads
    it twice.
    """
    sizes = (300_000,) if options.quick else (1_000_000, 5_000_000, 20_000_000)
    return pd.DataFrame(_measure(n_rows) for n_rows in sizes)


def _measure(n_rows: int) -> dict[str, object]:
    with tempfile.TemporaryDirectory() as folder:
        use_server(Path(folder))
        path = Path(folder) / "large.parquet"
        _write(path, n_rows)
        reading, _ = in_process(_read, path)
        seconds, peak = in_process(_detect, path)
    return {
        "rows": f"{n_rows:,}",
        "s": round(seconds, 1),
        "s / million rows": round(seconds / n_rows * 1e6, 2),
        "peak MB": round(peak / 2**20),
        "reading alone s": round(reading, 1),
        "ratio": round(seconds / reading, 1),
    }


def _write(path: Path, n_rows: int) -> None:
    random = np.random.default_rng(0)
    schema = pa.schema([(name, pa.float64()) for name in _COLUMNS])
    with parquet.ParquetWriter(path, schema) as writer:
        for start in range(0, n_rows, _ROW_GROUP):
            values = random.normal(size=(min(_ROW_GROUP, n_rows - start), len(_COLUMNS)))
            writer.write_table(pa.table(dict(zip(_COLUMNS, values.T, strict=True)), schema=schema))


def _detect(path: Path) -> float:
    # So small that the smallest table here is larger, and the sample just fits.
    os.environ |= {"VIGIL_MEMORY_CELLS": "2000000", "VIGIL_MAX_WORKERS": "2"}
    return detect_file(path)


def _read(path: Path) -> float:
    from sources.base import ReadLimits
    from sources.config import ParquetConfig
    from sources.readers import open_reader
    from sources.secrets import SecretResolver

    reader = open_reader(ParquetConfig(path=str(path)), ReadLimits(), SecretResolver())
    start = perf_counter()
    with reader.open_table() as table:
        for _ in table.chunks(100_000):
            pass
    return perf_counter() - start
