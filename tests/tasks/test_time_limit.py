import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from tasks.time_limit import time_limit


def spin():
    with time_limit(0.2):
        while True:
            time.sleep(0.01)


def count_for_ever():
    """SQLite takes an error of its progress handler for a reason to stop, and says only that."""
    connection = sqlite3.connect(":memory:")
    connection.set_progress_handler(lambda: None, 1000)
    with time_limit(0.2):
        connection.execute(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT sum(i) FROM n"
        ).fetchall()


@pytest.mark.parametrize("endless", [spin, count_for_ever])
def test_what_takes_too_long_is_interrupted_on_a_thread_with_a_remedy(endless):
    with ThreadPoolExecutor(1) as pool:
        error = pool.submit(endless).exception(timeout=300)
    assert type(error) is TimeoutError
    assert str(error).startswith("no result within 0.2 s: raise source_timeout")


def test_what_blocks_is_interrupted_on_the_main_thread_of_a_process():
    with pytest.raises(TimeoutError, match=r"no result within 0\.1 s"), time_limit(0.1):
        time.sleep(300)


def test_another_timeout_keeps_its_own_words():
    with pytest.raises(TimeoutError, match="the socket's"), time_limit(10):
        raise TimeoutError("the socket's")


def test_without_a_limit_nothing_is_interrupted():
    with time_limit(None):
        time.sleep(0.01)
