from pathlib import Path

import pytest

FILE = """\
sources:
  - name: orders
    kind: csv
    path: orders.csv
    key_columns: [id]
  - name: prices
    kind: parquet
    path: prices.parquet
"""
NOTHING = {"created": [], "changed": [], "unchanged": [], "removed": [], "unlisted": []}


@pytest.fixture
def sources_file(tmp_path: Path) -> Path:
    path = tmp_path / "sources.yaml"
    path.write_text(FILE)
    return path


def names(vigil) -> list[str]:
    return [source["name"] for source in vigil("sources", "list", "--json").json["items"]]


def test_applying_twice_changes_nothing_more(vigil, sources_file):
    first = vigil("sources", "apply", str(sources_file), "--json").json
    streams = {"streams": NOTHING}
    assert first == {"dry_run": False, **NOTHING, **streams, "created": ["orders", "prices"]}
    second = vigil("sources", "apply", str(sources_file), "--json").json
    assert second == {"dry_run": False, **NOTHING, **streams, "unchanged": ["orders", "prices"]}


def test_a_changed_entry_changes_its_source_and_no_other(vigil, sources_file):
    vigil("sources", "apply", str(sources_file))
    sources_file.write_text(FILE.replace("[id]", "[shop, id]"))
    applied = vigil("sources", "apply", str(sources_file)).out
    assert "changed    orders" in applied
    assert "unchanged  prices" in applied
    shown = vigil("sources", "show", "orders", "--json").json
    assert shown["key_columns"] == ["shop", "id"]


def test_paths_start_at_the_folder_of_the_file(vigil, sources_file, monkeypatch):
    monkeypatch.chdir("/")
    vigil("sources", "apply", str(sources_file))
    shown = vigil("sources", "show", "orders", "--json").json
    assert shown["config"]["path"] == str(sources_file.parent / "orders.csv")


def test_a_dry_run_says_what_would_change_and_changes_nothing(vigil, orders, sources_file):
    sources_file.write_text(FILE.replace("name: orders", "name: orders-eu"))
    planned = vigil("sources", "apply", str(sources_file), "--prune", "--dry-run", "--json").json
    assert planned["dry_run"]
    assert planned["created"] == ["orders-eu", "prices"]
    assert planned["removed"] == ["orders"]
    assert names(vigil) == ["orders"]
    told = vigil("sources", "apply", str(sources_file), "--prune", "--dry-run").out
    assert "Nothing is changed" in told


def test_sources_that_the_file_does_not_list_are_left_alone_and_named(vigil, orders, sources_file):
    sources_file.write_text(FILE.replace("name: orders", "name: orders-eu"))
    applied = vigil("sources", "apply", str(sources_file)).out
    assert "left alone (--prune removes them): orders" in applied
    assert names(vigil) == ["orders", "orders-eu", "prices"]


def test_pruning_says_what_goes_and_asks(vigil, orders, detect_orders, sources_file):
    detect_orders()
    sources_file.write_text(FILE.replace("name: orders", "name: orders-eu"))
    refused = vigil("sources", "apply", str(sources_file), "--prune")
    assert refused.code == 1
    assert "Remove orders and with it 1 detection" in refused.err
    assert names(vigil) == ["orders"]
    pruned = vigil("sources", "apply", str(sources_file), "--prune", "--yes", "--json").json
    assert pruned["removed"] == ["orders"]
    assert names(vigil) == ["orders-eu", "prices"]


def test_a_file_with_a_mistake_is_applied_not_at_all(vigil, sources_file):
    sources_file.write_text(FILE.replace("kind: parquet", "kind: parket"))
    refused = vigil("sources", "apply", str(sources_file))
    assert refused.code == 1
    assert f"{sources_file}, line 6, source `prices`" in refused.err
    assert names(vigil) == []


def test_a_missing_file_is_named(vigil, tmp_path):
    refused = vigil("sources", "apply", str(tmp_path / "no.yaml"))
    assert refused.code == 1
    assert "no.yaml" in refused.err
