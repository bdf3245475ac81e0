import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[2]
LOAD = "import numpy, scipy.linalg, sklearn.cluster"
LIMIT = "from tasks.one_thread import use_one_thread; use_one_thread()"
SHOW = (
    "from threadpoolctl import threadpool_info\n"
    "print(*((library['user_api'], library['num_threads']) for library in threadpool_info()))"
)


@pytest.mark.parametrize("steps", [(LOAD, LIMIT), (LIMIT, LOAD)], ids=["before", "after"])
def test_libraries_use_one_thread_whether_loaded_before_or_after(steps: tuple[str, str]) -> None:
    # Not in the main thread, for OpenMP has a limit for each.
    work = "\n".join((*steps, SHOW))
    code = (
        "from concurrent.futures import ThreadPoolExecutor\n"
        f"ThreadPoolExecutor().submit(exec, {work!r}, {{}}).result()"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, text=True, check=True
    ).stdout
    assert "('blas', 1)" in shown
    assert "('openmp', 1)" in shown
    assert shown.count(", 1)") == shown.count("(")
