"""A run of streams that is terminated lets them go at once."""

import os
import signal
import subprocess
import sys

import pytest
from prefect.settings import get_current_settings

from tasks.database import utc_now
from tests.flows.streams import add_stream, the_stream, write_rows
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")

RUN = "from flows.stream import stream; stream(run_for=600)"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_from_outside_releases_its_streams_within_seconds(number, tmp_path):
    path = tmp_path / "feed.csv"
    write_rows(path, 0, 100)
    add_stream("live", path)
    add_stream("slow", path, every_seconds=3600.0)
    address = str(get_current_settings().api.url)
    process = subprocess.Popen(
        [sys.executable, "-c", RUN],
        env=os.environ | {"PREFECT_API_URL": address},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    wait_for(lambda: the_stream("live").last_polled_at and the_stream("slow").last_polled_at)
    assert the_stream("slow").is_held(utc_now())
    process.send_signal(number)
    wait_for(lambda: not any(the_stream(name).lease_owner for name in ("live", "slow")))
    assert process.wait(timeout=300) != 0
    assert {the_stream(name).status.value for name in ("live", "slow")} == {"running"}
