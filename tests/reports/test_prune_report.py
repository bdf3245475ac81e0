from dataclasses import replace

from reports.numbers import size
from reports.prune_report import PrunedTable, PruneReport, render_prune_report

REPORT = PruneReport(
    older_than="90d",
    keep_last=10,
    fitted_older_than=None,
    dry_run=True,
    tables=[PrunedTable("detection", 12, 24_576), PrunedTable("anomaly", 1_200, 3 * 2**20)],
    where_room_goes="SQLite uses the room again.",
    command="vigil prune --no-dry-run",
)


def test_a_dry_run_says_what_would_go_and_how_to_remove_it():
    text = render_prune_report(REPORT)
    assert text.startswith("# 1,212 rows, about 3.0 MiB, would be removed\n")
    assert "| anomaly | 1,200 | 3.0 MiB |" in text
    assert "but the last 10 detections of each source and algorithm" in text
    assert "To remove it:\n\n```shell\nvigil prune --no-dry-run\n```" in text


def test_a_run_says_what_went():
    done = replace(REPORT, dry_run=False, fitted_older_than="4w")
    text = render_prune_report(done)
    assert "were removed" in text
    assert "- Fitted detectors older than 4w" in text


def test_nothing_is_said_to_be_nothing():
    assert render_prune_report(replace(REPORT, tables=[])).startswith("# Nothing would be removed")
    assert replace(REPORT, tables=[], dry_run=False).text == "nothing was removed"


def test_sizes_are_read_at_a_glance():
    shown = [size(count) for count in (0, 1023, 1024, 1_048_575, 5_753_102_336, 2**50)]
    assert shown == ["0 B", "1023 B", "1.0 KiB", "1.0 MiB", "5.4 GiB", "1,024.0 TiB"]
