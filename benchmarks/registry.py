"""The benchmarks by name; one more is one module and one line here."""

from collections.abc import Callable

import pandas as pd

from benchmarks.batch import batch
from benchmarks.chunks import chunks
from benchmarks.explanation import explanation
from benchmarks.false_alarms import false_alarms
from benchmarks.forest_accuracy import forest_accuracy
from benchmarks.isolation_forest import isolation_forest
from benchmarks.large_table import large_table
from benchmarks.options import Options
from benchmarks.quality import quality

Benchmark = Callable[[Options], pd.DataFrame]

BENCHMARKS: dict[str, Benchmark] = {
    benchmark.__name__: benchmark
    for benchmark in (
        isolation_forest,
        batch,
        explanation,
        large_table,
        chunks,
        forest_accuracy,
        false_alarms,
        quality,
    )
}
