"""``vigil prune``, and what is about it: pins, sizes, and room that is given back."""

from datetime import timedelta

import pytest

from models.session import session_scope
from models.tables.detection import Detection
from tasks.database import open_engine, utc_now


@pytest.fixture
def old(detect_orders):
    """Ids of three detections of a hundred days ago, the earliest first."""
    ids = [detect_orders() for _ in range(3)]
    with session_scope(open_engine()) as session:
        for days, detection_id in zip((103, 102, 101), ids, strict=True):
            session.get_one(Detection, detection_id).created_at = utc_now() - timedelta(days)
    return [str(detection_id) for detection_id in ids]


def left(vigil):
    return [one["id"] for one in vigil("detections", "list", "--json").json["items"]][::-1]


@pytest.mark.usefixtures("prefect_server")
def test_what_would_be_removed_is_counted_and_how_to_remove_it_said(vigil, old):
    ran = vigil("prune", "--keep-last", "1")
    assert ran.code == 0, ran.err
    assert "detection" in ran.out
    assert "would be removed" in ran.out
    assert "vigil prune --older-than 90d --keep-last 1 --no-dry-run" in ran.out
    assert left(vigil) == old


@pytest.mark.usefixtures("prefect_server")
def test_what_is_old_is_removed_but_what_is_pinned(vigil, old):
    assert "is kept whatever its age" in vigil("detections", "pin", old[0][:8]).out
    assert "pinned" in vigil("detections", "show", old[0]).out
    removed = vigil("prune", "--keep-last", "1", "--no-dry-run", "--yes", "--json").json
    assert not removed["dry_run"]
    assert {table["name"]: table["rows"] for table in removed["tables"]}["detection"] == 1
    assert removed["rows"] == sum(table["rows"] for table in removed["tables"])
    assert left(vigil) == [old[0], old[2]]
    vigil("detections", "unpin", old[0])
    removed = vigil("prune", "--keep-last", "0", "--no-dry-run", "-y").out
    assert "were removed" in removed
    assert "`vigil db vacuum` gives it back" in removed
    assert left(vigil) == []


def test_it_asks_before_it_removes_and_says_how_much(vigil, old):
    refused = vigil("prune", "--keep-last", "0", "--no-dry-run")
    assert refused.code == 1
    assert "Remove 3 detections and" in refused.err
    assert "pass --yes" in refused.err
    assert left(vigil) == old


def test_what_is_no_age_is_refused(vigil):
    refused = vigil("prune", "--older-than", "90")
    assert refused.code == 1
    assert "expected an age in days, weeks or years such as 90d, 12w or 2y: 90" in refused.err


def test_stats_show_every_table_and_what_is_largest(vigil, old):
    told = vigil("db", "stats", "--json").json
    sizes = {size["name"]: size for size in told["sizes"]}
    assert (sizes["detection"]["rows"], sizes["detection"]["exact"]) == (3, True)
    assert sizes["anomaly"]["oldest"] == sizes["detection"]["oldest"]
    [largest] = told["largest_sources"]
    assert (largest["name"], largest["detections"]) == ("orders", 3)
    assert told["largest_streams"] == []
    assert 0 <= told["free_bytes"] < told["size_bytes"]
    shown = vigil("db", "stats").out
    assert "fitted_detector" in shown
    assert "orders" in shown


def test_vacuum_asks_and_gives_room_back(vigil, old):
    refused = vigil("db", "vacuum")
    assert refused.code == 1
    assert "while everybody else waits?" in refused.err
    for detection_id in old:
        vigil("detections", "delete", detection_id, "--yes")
    told = vigil("db", "vacuum", "--yes", "--json").json
    assert told["size_bytes"] < told["size_bytes_before"]
