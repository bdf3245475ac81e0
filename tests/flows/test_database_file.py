"""The file of the database is deleted under a batch and a stream: neither reports success."""

import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest
from prefect.settings import get_current_settings

from flows.stream import stream
from models.errors import DatabaseLostError
from tests.flows.failures import register
from tests.flows.streams import add_stream, the_stream, write_rows
from tests.flows.waiting import wait_for

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_a_batch_whose_database_is_deleted_ends_in_an_error(vigil_home, tmp_path, http_server):
    http_server.answer("/rows", [{"a": i % 7} for i in range(100)], delay=5)
    register("slow", "http", url=f"{http_server.url}/rows")
    process = subprocess.Popen(
        [Path(sys.executable).with_name("vigil"), "batch"],
        env=os.environ | {"PREFECT_API_URL": str(get_current_settings().api.url)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    wait_for(lambda: http_server.requests)
    (vigil_home / "vigil.db").unlink()
    out, err = process.communicate(timeout=300)
    assert (process.returncode, out) == (1, "")
    assert "vigil.db was deleted or moved while this process used it" in err.splitlines()[-1]
    assert "Traceback" not in err
    assert not (vigil_home / "vigil.db").exists()


def test_a_stream_whose_database_is_deleted_ends_in_an_error(vigil_home, tmp_path):
    write_rows(tmp_path / "feed.csv", 0, 100)
    add_stream("live", tmp_path / "feed.csv")
    states = []
    running = threading.Thread(
        target=lambda: states.append(stream(run_for=3600, return_state=True))
    )
    running.start()
    wait_for(lambda: the_stream("live").last_polled_at)
    (vigil_home / "vigil.db").unlink()
    running.join(300)
    assert states[0].is_failed()
    with pytest.raises(DatabaseLostError, match="start again"):
        states[0].result()
