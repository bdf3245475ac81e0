import numpy as np
import pandas as pd
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from flows.batch import batch
from models.errors import EmptySelectionError
from models.queries.batch_progress import batch_progress
from models.queries.batches import get_batch, list_batch_results, list_batches
from models.queries.sources import add_source
from models.session import session_scope
from models.status import Status
from models.tables.source import SourceDefinition
from tasks.database import open_engine, utc_now

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_home")


def register(name, path, tags=()):
    definition = SourceDefinition(
        name=name, kind="csv", config={"path": str(path)}, tags=list(tags)
    )
    with session_scope(open_engine()) as session:
        add_source(session, definition, utc_now())


@pytest.fixture
def shops(tmp_path):
    """Three good sources with one planted row each, and one whose file is gone."""
    random = np.random.default_rng(0)
    for name in ("berlin", "hamburg", "munich"):
        frame = pd.DataFrame(random.normal(size=(200, 3)), columns=["a", "b", "c"])
        frame.loc[7] = 50.0
        frame.to_csv(tmp_path / f"{name}.csv", index=False)
        register(name, tmp_path / f"{name}.csv", ["shop"])
    register("gone", tmp_path / "gone.csv", ["shop", "broken"])
    return tmp_path


def stored(batch_id):
    with session_scope(open_engine(), writes=False) as session:
        results = list_batch_results(session, batch_id, limit=100).items
        return get_batch(session, batch_id), {one.source_name: one for one in results}


def artifact(key):
    wanted = ArtifactFilter(key=ArtifactFilterKey(any_=[key]))
    with get_client(sync_client=True) as client:
        artifacts = client.read_artifacts(artifact_filter=wanted)
    return max(artifacts, key=lambda one: one.created)


def test_three_results_and_one_failure_are_three_results_one_error_and_partial(shops):
    found, results = stored(batch())
    assert found.status is Status.PARTIAL
    assert found.total_sources == 4
    assert {name: run.status.value for name, run in results.items()} == {
        "berlin": "success",
        "hamburg": "success",
        "munich": "success",
        "gone": "error",
    }
    assert all(run.anomaly_count >= 1 for run in results.values() if run.status == "success")
    assert results["gone"].error_type == "SourceError"
    assert "gone.csv" in results["gone"].error_message


def test_sources_are_chosen_by_name_and_by_tag(shops):
    found, results = stored(batch(sources=["berlin"], tags=["broken"]))
    assert set(results) == {"berlin", "gone"}
    assert found.total_sources == 2


def test_the_flow_run_fails_only_when_nothing_succeeded(shops):
    state = batch(tags=["broken"], return_state=True)
    assert state.is_failed()
    assert "0 of 1 sources" in state.message
    assert batch(sources=["berlin", "gone"], return_state=True).is_completed()


def test_an_empty_selection_lists_what_there_is(shops):
    with pytest.raises(EmptySelectionError, match=r"no source has the tag nowhere.*berlin"):
        batch(tags=["nowhere"])
    with session_scope(open_engine(), writes=False) as session:
        assert list_batches(session).total == 0


def test_without_any_source_the_remedy_is_named():
    with pytest.raises(EmptySelectionError, match="vigil sources apply"):
        batch()


def test_the_report_and_the_progress_are_artifacts(shops):
    batch_id = batch(name="nightly")
    report = artifact("batch-report").data
    assert str(batch_id) in report
    assert "nightly" in report
    assert f"(../artifact/{artifact('detection-berlin').id})" in report
    assert artifact("batch-progress").data == 100.0


def test_only_as_many_sources_as_asked_for_get_a_report_of_their_own(shops):
    batch(sources=["munich", "hamburg"], source_reports=0)
    assert "../artifact/" not in artifact("batch-report").data


def test_a_batch_is_resumed_with_just_what_is_missing(shops):
    batch_id = batch()
    before = stored(batch_id)[1]
    pd.DataFrame({"a": [*range(50), 900]}).to_csv(shops / "gone.csv", index=False)
    assert batch(resume=batch_id) == batch_id
    found, results = stored(batch_id)
    assert found.status is Status.SUCCESS
    assert results["gone"].status is Status.SUCCESS
    assert results["gone"].error_message is None
    assert results["berlin"].completed_at == before["berlin"].completed_at


def test_the_rates_are_named_apart(shops):
    batch_id = batch(tags=["shop"])
    with session_scope(open_engine(), writes=False) as session:
        progress = batch_progress(session, batch_id)
    assert progress.total_rows == 600
    assert progress.weighted_rate == pytest.approx(progress.total_anomalies / 600)
    assert progress.percent == 100.0
