from pathlib import Path

import pytest

FILE = """\
sources:
  - name: metrics
    kind: csv
    path: cpu.csv
    key_columns: [id]
    cursor_column: at

streams:
  - name: load
    source: metrics
    detector: {algorithm: rolling_zscore, window: 50}
    columns: [load]
    every: 30s
    cooldown: 10m
  - name: edge
    tags: [shop]
"""
NOTHING = {"created": [], "changed": [], "unchanged": [], "removed": [], "unlisted": []}


@pytest.fixture
def declared(cpu, tmp_path: Path) -> Path:
    """A file beside the rows of ``cpu``, which is registered by another name."""
    path = tmp_path / "sources.yaml"
    path.write_text(FILE)
    return path


def test_applying_twice_changes_nothing_more(vigil, declared):
    first = vigil("sources", "apply", str(declared), "--json").json
    assert (first["created"], first["unlisted"]) == (["metrics"], ["cpu"])
    assert first["streams"] == NOTHING | {"created": ["load", "edge"]}
    second = vigil("sources", "apply", str(declared), "--json").json
    assert second["streams"] == NOTHING | {"unchanged": ["load", "edge"]}
    stream = vigil("streams", "show", "load", "--json").json
    assert (stream["every_seconds"], stream["cooldown_seconds"]) == (30, 600)
    assert stream["config"]["window"] == 50


def test_a_column_that_a_stream_of_the_file_misspells_is_refused_and_nothing_applied(
    vigil, declared
):
    declared.write_text(FILE.replace("columns: [load]", "columns: [lode]"))
    refused = vigil("sources", "apply", str(declared))
    assert refused.code == 1
    assert "stream load: " in refused.err
    assert "did you mean `load`?" in refused.err
    assert "metrics" not in vigil("sources", "list").out
    assert vigil("sources", "apply", str(declared), "--no-check").code == 0


def test_a_changed_stream_is_told_from_the_others(vigil, declared):
    vigil("sources", "apply", str(declared))
    declared.write_text(FILE.replace("30s", "1m"))
    applied = vigil("sources", "apply", str(declared)).out
    assert "changed streams    load" in applied
    assert "unchanged streams  edge" in applied


def test_a_stream_that_has_learnt_keeps_its_detector_until_it_is_reset(vigil, declared, poll):
    vigil("sources", "apply", str(declared))
    poll("load")
    declared.write_text(FILE.replace("rolling_zscore, window: 50", "ewma"))
    refused = vigil("sources", "apply", str(declared))
    assert refused.code == 1
    assert "`vigil streams reset load`" in refused.err
    assert vigil("streams", "show", "load", "--json").json["algorithm"] == "rolling_zscore"
    vigil("streams", "reset", "load", "--yes")
    assert vigil("sources", "apply", str(declared)).code == 0
    assert vigil("streams", "show", "load", "--json").json["algorithm"] == "ewma"


def test_all_of_a_file_is_applied_or_none(vigil, declared):
    declared.write_text(FILE.replace("source: metrics", "source: metrix"))
    refused = vigil("sources", "apply", str(declared))
    assert refused.code == 1
    assert "stream load: no source is named 'metrix': did you mean 'metrics'?" in refused.err
    assert vigil("streams", "list", "--json").json["total"] == 0
    assert [each["name"] for each in vigil("sources", "list", "--json").json["items"]] == ["cpu"]


def test_pruning_removes_what_is_not_listed_and_says_what_goes_with_it(vigil, declared, load, poll):
    poll(load)
    vigil("streams", "create", "spare")
    declared.write_text(FILE.replace("name: load", "name: other"))
    asked = vigil("sources", "apply", str(declared), "--prune")
    assert asked.code == 1
    assert "Remove cpu, load, spare and with it 2 streams with 2 alerts?" in asked.err
    planned = vigil("sources", "apply", str(declared), "--prune", "--dry-run", "--json").json
    assert planned["streams"]["removed"] == ["load", "spare"]
    assert vigil("streams", "list", "--json").json["total"] == 2
    assert vigil("sources", "apply", str(declared), "--prune", "--yes").code == 0
    names = [each["name"] for each in vigil("streams", "list", "--json").json["items"]]
    assert names == ["edge", "other"]


def test_a_file_that_does_not_speak_of_streams_or_sources_leaves_them_alone(vigil, declared, load):
    sources, streams = FILE.split("\nstreams:")
    declared.write_text(sources.replace("name: metrics", "name: cpu"))
    assert vigil("sources", "apply", str(declared), "--prune", "--yes").code == 0
    declared.write_text("streams:" + streams.replace("source: metrics", "source: cpu"))
    applied = vigil("sources", "apply", str(declared), "--json").json
    assert applied["unlisted"] == []
    assert applied["streams"]["created"] == ["edge"]
    assert vigil("sources", "list", "--json").json["total"] == 1


def test_every_mistake_is_listed_with_its_line(vigil, declared):
    declared.write_text("""\
sources:
  - name: metrics
    kind: csv
    pth: cpu.csv
streams:
  - name: load
    sorce: metrics
  - name: load
    detector: {algorithm: ewma, alfa: 1}
  - just text
  - name: edge
    every: 5s
""")
    refused = vigil("sources", "apply", str(declared))
    assert refused.code == 1
    first, *others = refused.err.splitlines()
    assert first.endswith("line 2, source `metrics`: unknown key `pth`: did you mean `path`?")
    endings = [
        "line 6, stream `load`: unknown key `sorce`: did you mean `source`?",
        "did you mean 'alpha'?: parameters are patience, alpha",
        "line 10: expected a stream with `name`",
        "line 11, stream `edge`: `every` is of polling, and there is no `source` to poll",
    ]
    for line, ending in zip(others, endings, strict=True):
        assert line.endswith(ending), line
