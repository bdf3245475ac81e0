import logging
from dataclasses import dataclass

from tasks.progress_log import log_progress


@dataclass(frozen=True)
class Done:
    n_rows: int


def test_a_line_comes_every_few_seconds_and_not_with_every_part(caplog):
    times = iter(range(100))
    parts = [Done(10)] * 20
    logger = logging.getLogger("vigil.test")
    with caplog.at_level(logging.INFO, "vigil.test"):
        yielded = list(log_progress(parts, 200, "scoring", logger, lambda: float(next(times))))
    assert yielded == parts
    assert 2 <= len(caplog.messages) <= 5
    assert caplog.messages[0] == "scoring: 25 % of 200 rows"
