"""Measure side by side with peers: ``python -m benchmarks [--quick] [--only NAME ...]``."""

import argparse
import inspect
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.environment import end_server
from benchmarks.options import Options
from benchmarks.registry import BENCHMARKS

_PACKAGES = ("numpy", "numba", "pandas", "scikit-learn", "pyod", "shap", "river", "prefect")


def main() -> None:
    """Run the benchmarks asked for and print a table for each."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="leave out what takes long")
    parser.add_argument("--only", nargs="+", choices=BENCHMARKS, default=list(BENCHMARKS))
    parser.add_argument(
        "--tables",
        type=Path,
        help="folder of labelled tables: CSV files with columns id and is_outlier, the others "
        "features; default: three that scikit-learn ships",
    )
    parser.add_argument(
        "--streams",
        type=Path,
        help="folder of labelled streams: CSV files with columns timestamp and value, and "
        "windows.json, the first and last moment of each anomaly by file; default: made ones",
    )
    arguments = parser.parse_args()
    options = Options(arguments.quick, arguments.tables, arguments.streams)
    print(_header())
    if options.quick:
        print("Quick: small tables, few repeats, on which what is fixed weighs more")
    try:
        for name in arguments.only:
            benchmark = BENCHMARKS[name]
            print(f"\n{name}: {inspect.cleandoc(benchmark.__doc__ or '')}\n", flush=True)
            print(benchmark(options).to_string(index=False, na_rep=""), flush=True)
    finally:
        end_server()


def _header() -> str:
    packages = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    return (
        f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC\n"
        f"{platform.platform()}, {os.cpu_count()} cores, {_processor()}\n"
        f"Python {platform.python_version()}, {packages}"
    )


def _processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


if __name__ == "__main__":
    main()
