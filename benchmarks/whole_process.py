"""Time and memory of a process of its own, and a flow run on a Parquet file in it."""

import multiprocessing
import re
import resource
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import pandas as pd
from pyarrow import parquet

from benchmarks.environment import use_folder


def in_process(work: Callable[[Path], float], path: Path) -> tuple[float, int]:
    """Return the seconds ``work`` measured, and the peak memory of its process in bytes."""
    context = multiprocessing.get_context("spawn")
    results: Any = context.SimpleQueue()
    process = context.Process(target=_measure, args=(work, path, results))
    process.start()
    process.join()
    if process.exitcode:
        raise RuntimeError(f"the process ended with exit code {process.exitcode}")
    seconds, peak = results.get()
    return seconds, peak


def _measure(work: Callable[[Path], float], path: Path, results: Any) -> None:
    seconds = work(path)
    results.put((seconds, _peak_bytes()))


def _peak_bytes() -> int:
    """Return the most memory that this process held at a time."""
    if sys.platform != "linux":
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS
    # There, ru_maxrss begins at what the process held that started this one.
    status = Path("/proc/self/status").read_text()
    [peak] = re.findall(r"^VmHWM:\s+(\d+) kB$", status, re.MULTILINE)
    return int(peak) * 1024


def detect_file(path: Path) -> float:
    """Return the seconds of the flow ``detect`` on a file, everything it needs at hand."""
    use_folder(path.parent)
    from flows.detect import detect
    from models.queries.sources import add_source
    from models.session import session_scope
    from models.tables.source import SourceDefinition
    from tasks.database import open_engine, utc_now

    small = path.with_name("small.parquet")
    first = next(parquet.ParquetFile(path).iter_batches(1000))
    pd.DataFrame(first.to_pandas()).to_parquet(small)
    with session_scope(open_engine()) as session:
        for name, file in (("small", small), (path.stem, path)):
            definition = SourceDefinition(name, "parquet", {"path": str(file)})
            add_source(session, definition, utc_now())
    detect("small")  # imports, compiled kernels, the first connection
    start = perf_counter()
    detect(path.stem)
    return perf_counter() - start
