import subprocess
import sys
from pathlib import Path

from benchmarks.forest_accuracy import forest_accuracy
from benchmarks.options import Options
from benchmarks.registry import BENCHMARKS

REPOSITORY = Path(__file__).parents[2]


def test_the_command_names_every_benchmark() -> None:
    help_text = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--help"],
        cwd=REPOSITORY, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    assert all(name in help_text for name in BENCHMARKS)


def test_every_benchmark_says_what_it_measures() -> None:
    assert all(benchmark.__doc__ for benchmark in BENCHMARKS.values())


def test_labelled_tables_of_a_folder_are_measured(tmp_path: Path) -> None:
    rows = [f"{i},{i % 7},{i % 5},{int(i == 3)}" for i in range(30)]
    (tmp_path / "small.csv").write_text("\n".join(["id,x00,x01,is_outlier", *rows]))
    frame = forest_accuracy(Options(quick=True, tables=tmp_path))
    assert list(frame["table"]) == ["small", "mean"]
