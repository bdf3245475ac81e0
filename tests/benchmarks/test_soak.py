import pytest

from benchmarks.soak import run_many_sources


@pytest.mark.usefixtures("prefect_server", "vigil_home")
def test_many_sources_finish_and_leave_little_in_prefects_database(tmp_path):
    done = run_many_sources(tmp_path, 150)
    assert done.finished == 150
    assert 0 < done.growth < 30_000
