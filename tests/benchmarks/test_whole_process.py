from pathlib import Path

import numpy as np

from benchmarks.whole_process import in_process

N_BYTES = 400_000_000


def no_work(path: Path) -> float:
    return 7.0


def hold_memory(path: Path) -> float:
    return float(np.ones(N_BYTES // 8).sum())


def test_the_memory_of_whoever_starts_a_process_is_not_counted(tmp_path):
    held = np.ones(N_BYTES // 8)
    seconds, peak = in_process(no_work, tmp_path)
    assert seconds == 7.0
    assert peak < held.nbytes
    assert in_process(hold_memory, tmp_path)[1] > N_BYTES
