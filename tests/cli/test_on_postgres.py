"""Every command, once, on PostgreSQL."""

import pytest
from typer.main import get_command

from cli.main import app
from models.queries.batches import create_batch
from models.queries.sources import get_source
from models.session import session_scope
from tasks.database import open_engine
from tests.models.examples import NOW, batch_request, request_for

pytestmark = pytest.mark.usefixtures("prefect_server", "vigil_on_postgres")

# What reads no database, has one of its own, or ends with Ctrl-C alone.
ELSEWHERE = {"algorithms", "demo", "up", "streams watch"}
QUICK = ("-a", "statistical")


def commands(group=None, before=""):
    for name, command in (group or get_command(app)).commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


@pytest.fixture(scope="module")
def ran():
    """The commands that tests of this module have run."""
    return set()


@pytest.fixture
def told(vigil, vigil_on_postgres, ran):
    """Run a command, and return its JSON document once it is in order."""

    def told(command, *words):
        ran.add(command)
        result = vigil(*command.split(), *words, "--json")
        assert result.code == 0, (command, result.err)
        return result.json

    return told


def abandoned_batch():
    """Return the id of a batch that nobody works on."""
    with session_scope(open_engine()) as session:
        request = request_for(get_source(session, "orders"))
        return str(create_batch(session, batch_request(), [request], NOW)[0].id)


def test_every_command_works_on_postgres(told, orders_file, tmp_path):
    file = tmp_path / "sources.yaml"
    file.write_text(
        f"sources:\n- {{name: orders, kind: csv, path: '{orders_file}', key_columns: [id]}}\n"
    )
    assert told("db upgrade")["up_to_date"]
    assert told("sources apply", str(file))["created"] == ["orders"]
    told("sources add", "spare", "--kind", "csv", "--set", f"path={orders_file}")
    assert told("sources list")["total"] == 2
    assert told("sources check", "orders")["rows_read"] == 10
    told("sources remove", "spare", "--yes")

    detection = told("detect", "orders", *QUICK)["id"]
    assert told("explain", detection, "--top", "1")["explanations"]
    assert told("detections list")["total"] == 1
    assert told("detections latest", "orders")["id"] == detection
    assert told("explanations list", detection)["total"] == 1
    assert told("explanations show", detection, "17")["row_index"] == 17
    assert told("detections pin", detection)["pinned"]
    assert told("detections show", detection)["pinned"]
    assert not told("detections unpin", detection)["pinned"]
    assert told("sources show", "orders")["detection_count"] == 1

    batch = told("batch", *QUICK)["id"]
    assert told("batches list")["total"] == told("batches results", batch)["total"] == 1
    assert told("batches show", batch)["results_total"] == 1
    assert told("batches repair")["ended"] == []
    assert told("repair")["ended"] == []
    assert told("batches delete", batch, "--yes")["detection_count"] == 1
    abandoned = abandoned_batch()
    assert told("batches cancel", abandoned)["cancelled_at_once"]
    told("batches delete", abandoned, "--yes")

    comparison = told("compare", "orders", "-a", "knn", "-a", "lof")["id"]
    assert told("comparisons list")["total"] == 1
    assert told("comparisons show", comparison)["id"] == comparison
    assert told("comparisons records", comparison)["total"] >= 1
    told("comparisons delete", comparison, "--yes")

    assert told("prune", "--older-than", "1d")["rows"] == 0
    assert {size["name"]: size["rows"] for size in told("db stats")["sizes"]}["detection"] == 1
    assert told("db vacuum", "--yes")["size_bytes"] > 0
    assert told("db status")["tables"]["detection"] == 1
    told("detections delete", detection, "--yes")


def test_every_command_of_streams_works_on_postgres(told, load):
    replayed = told("backtest", "cpu", "-a", "rolling_zscore", "--threshold", "8")
    assert replayed["chosen"]["alerts"] == 2
    told("streams create", "edge", "--backfill", "5")
    assert told("push", "edge", "--value", "cpu=41.5")["scored_points"] == 1
    [polled] = told("stream", load, "--for", "1s")["streams"]
    assert (polled["points"], polled["alerts"]) == (400, 2)
    assert told("streams list")["total"] == 2
    assert told("streams show", load)["total_points"] == 400
    assert told("streams data", load, "--anomalies")["total"] == 2
    first, second = (one["id"] for one in told("streams alerts", load)["items"])
    assert told("alerts list", "--since", "2026-03-01T00:00")["total"] == 2
    assert told("alerts list", "--state", "open")["total"] == 2
    assert told("alerts ack", first)["alerts"][0]["state"] == "acknowledged"
    told("alerts snooze", first, "--for", "1h")
    told("alerts resolve", first, second)
    told("alerts feedback", first, "true")
    assert told("alerts show", first)["feedback"]
    for change in ("pause", "resume", "stop"):
        told(f"streams {change}", load)
    told("streams reset", load, "--yes")
    told("streams delete", "edge", "--yes")


def test_no_command_is_forgotten(ran):
    assert set(commands()) - ran == ELSEWHERE
