from pathlib import Path
from textwrap import dedent

import pytest

from sources.definition import load_sources_file, parse_source_definition
from sources.errors import SourceError


@pytest.fixture
def sources_file(tmp_path):
    def write(text: str) -> Path:
        path = tmp_path / "sources.yaml"
        path.write_text(dedent(text), "utf-8")
        return path

    return write


def test_a_file_gives_its_sources_in_order_with_paths_from_its_folder(sources_file):
    path = sources_file("""
        sources:
          - name: orders
            kind: csv
            path: data/orders.csv
            key_columns: [id]
            label_column: is_outlier
            tags: [shop]
          - name: events
            kind: sql
            url: sqlite:///shop.db
            table: events
            cursor_column: at
            columns: [amount, kind]
          - name: api
            kind: http
            url: https://example.com/orders
            params: {limit: 100}
          - name: lake
            kind: parquet
            path: s3://lake/orders
    """)
    orders, events, api, lake = load_sources_file(path)
    assert orders.config.path == str(path.parent / "data" / "orders.csv")
    assert orders.key_columns == ("id",)
    assert orders.label_column == "is_outlier"
    assert orders.tags == ("shop",)
    assert events.config.url == f"sqlite:///{path.parent}/shop.db"
    assert events.columns == ("amount", "kind")
    assert events.cursor_column == "at"
    assert api.config.params == {"limit": "100"}
    assert lake.config.path == "s3://lake/orders"


def test_everything_wrong_is_listed_with_its_line(sources_file):
    path = sources_file("""\
        sources:
          - name: orders
            kind: csv
            path: a.csv
          - name: orders
            kind: jsonl
            path: b.jsonl
          - name: Big Orders
            kind: csv
            pth: c.csv
          - just text
    """)
    with pytest.raises(SourceError) as caught:
        load_sources_file(path)
    assert str(caught.value).splitlines() == [
        f"{path}, line 5, source `orders`: line 2 has a source of this name already",
        f"{path}, line 8, source `Big Orders`: unknown key `pth`: did you mean `path`?",
        f"{path}, line 11: expected a source with `name` and `kind`",
    ]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "is empty: expected `sources`"),
        ("source: []", "expected the one key `sources`"),
        ("sources: {}", "expected a list below `sources`"),
        ("sources: [", "not valid YAML: line 1"),
        ("sources:\n  - name: a\n    path: x\n    path: y", "line 4: `path` is given twice"),
        ("sources: !!python/object/apply:os.getcwd []", "not valid YAML"),
    ],
)
def test_a_file_of_another_shape_is_refused(sources_file, text, problem):
    path = sources_file(text)
    with pytest.raises(SourceError) as caught:
        load_sources_file(path)
    assert problem in str(caught.value)
    assert str(path) in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(SourceError, match=r"sources\.yaml: cannot be read"):
        load_sources_file(tmp_path / "sources.yaml")


def test_no_error_of_a_file_repeats_a_secret(sources_file):
    path = sources_file("""
        sources:
          - name: orders
            kind: sql
            url: postgresql://u:hunter2@h/db
            table: t
    """)
    with pytest.raises(SourceError, match="literal password") as caught:
        load_sources_file(path)
    assert "hunter2" not in str(caught.value)


CSV = {"name": "orders", "kind": "csv", "path": "a.csv"}


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ({**CSV, "name": "Orders EU"}, "expected lowercase letters, digits and single dashes, e.g"),
        ({**CSV, "name": "orders_eu"}, "e.g. orders-eu"),
        ({**CSV, "key_columns": "id"}, r"`key_columns`: expected a list of names, e.g. \[id\]"),
        ({**CSV, "key_columns": ["id", "id"]}, "id is listed more than once"),
        ({**CSV, "columns": []}, "`columns`"),
        ({**CSV, "columns": ["y"], "label_column": "y"}, "ground truth is never a feature"),
        ({**CSV, "key_columns": ["y"], "label_column": "y"}, "`key_columns` holds the label"),
        ({**CSV, "key_colums": ["id"]}, "did you mean `key_columns`"),
        ({"name": "orders", "path": "a.csv"}, "`kind` is missing: expected one of csv"),
        ({"kind": "csv", "path": "a.csv"}, "`name` is missing"),
        ({**CSV, "config": {}}, "unknown key `config`"),
    ],
)
def test_a_wrong_declaration_says_what_was_expected(fields, problem):
    with pytest.raises(SourceError, match=problem):
        parse_source_definition(fields)


def test_absolute_and_home_paths_and_references_stay_where_they_point(monkeypatch, tmp_path):
    monkeypatch.setenv("HOME", "/home/ada")
    for given, expected in [
        ("/data/a.csv", "/data/a.csv"),
        ("~/a.csv", "/home/ada/a.csv"),
        ("{env:DATA}/a.csv", "{env:DATA}/a.csv"),
    ]:
        definition = parse_source_definition({**CSV, "path": given}, tmp_path)
        assert definition.config.path == expected
