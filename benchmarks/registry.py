"""The benchmarks by name; one more is one module and one line here."""

from collections.abc import Callable

import pandas as pd

from benchmarks.batch import batch
from benchmarks.chunks import chunks
from benchmarks.compare import compare
from benchmarks.explanation import explanation
from benchmarks.false_alarms import false_alarms
from benchmarks.forest_accuracy import forest_accuracy
from benchmarks.history import history
from benchmarks.isolation_forest import isolation_forest
from benchmarks.labelled_streams import labelled_streams
from benchmarks.large_table import large_table
from benchmarks.online import online
from benchmarks.options import Options
from benchmarks.polling import polling
from benchmarks.quality import quality
from benchmarks.stream import stream

Benchmark = Callable[[Options], pd.DataFrame]

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.__name__: benchmark
    for benchmark in (
        isolation_forest,
        batch,
        compare,
        explanation,
        large_table,
        chunks,
        history,
        polling,
        forest_accuracy,
        false_alarms,
        quality,
        online,
        labelled_streams,
        stream,
    )
}
