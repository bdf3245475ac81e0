import pytest

from sources.config import CONFIGS, parse_source_config
from sources.errors import SourceError


def test_an_unknown_kind_names_the_closest():
    with pytest.raises(SourceError, match="unknown kind `parket`: did you mean `parquet`"):
        parse_source_config("parket", {"path": "a"})


def test_a_kind_like_none_names_all():
    with pytest.raises(SourceError, match="expected one of csv, json, jsonl, parquet, sql, http"):
        parse_source_config("xyz", {})


def test_an_unknown_key_names_the_closest():
    with pytest.raises(SourceError, match="unknown key `delimeter`: did you mean `delimiter`"):
        parse_source_config("csv", {"path": "a.csv", "delimeter": ";"})


def test_every_wrong_field_is_named_at_once():
    with pytest.raises(SourceError) as caught:
        parse_source_config("csv", {"encoding": "utf-9", "skip_rows": -1, "decimal_point": ";"})
    message = str(caught.value)
    assert "`path` is missing" in message
    assert "`encoding`: unknown encoding: expected one of Python's, e.g. utf-8" in message
    assert "`skip_rows`: expected greater than or equal to 0" in message
    assert "`decimal_point`: expected '.' or ','" in message


def test_a_delimiter_is_not_a_quote():
    with pytest.raises(SourceError, match="`delimiter` must differ from `quote`"):
        parse_source_config("csv", {"path": "a.csv", "delimiter": '"'})


def test_a_tab_may_be_written_with_a_backslash():
    assert parse_source_config("csv", {"path": "a.csv", "delimiter": r"\t"}).delimiter == "\t"


@pytest.mark.parametrize("fields", [{}, {"table": "t", "query": "select 1"}])
def test_sql_needs_a_table_or_a_query_and_not_both(fields):
    with pytest.raises(SourceError, match="expected either `table` or `query`"):
        parse_source_config("sql", {"url": "sqlite:///a.db", **fields})


@pytest.mark.parametrize(
    ("query", "problem"),
    [
        ("DELETE FROM orders", "begins with SELECT or WITH, not DELETE"),
        ("-- SELECT\n/* SELECT */ drop table orders", "not drop"),
        ("SELECT 1; DROP TABLE orders", "expected one SELECT statement, found 2"),
        ("  ", "found 0"),
    ],
)
def test_a_query_that_does_not_only_read_is_refused(query, problem):
    with pytest.raises(SourceError, match=problem):
        parse_source_config("sql", {"url": "sqlite:///a.db", "query": query})


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ';' AS a -- ; DROP",
        "/* ; */ (SELECT 1) UNION (SELECT 2);",
        "WITH a AS (SELECT 1) SELECT * FROM a ; ",
        'SELECT $x$;$x$ AS ";"',
        "select*from orders",
    ],
)
def test_a_semicolon_in_quotes_or_comments_ends_no_statement(query):
    assert parse_source_config("sql", {"url": "sqlite:///a.db", "query": query}).query == query


def test_an_http_address_starts_with_http():
    with pytest.raises(SourceError, match="`url`: expected an address that starts with http://"):
        parse_source_config("http", {"url": "ftp://example.com"})


def test_numbers_as_parameters_become_text():
    config = parse_source_config("http", {"url": "http://x", "params": {"limit": 100}})
    assert config.params == {"limit": "100"}


@pytest.mark.parametrize("path", ["data..items", ".data", "data items"])
def test_a_records_path_is_dotted(path):
    with pytest.raises(SourceError, match="`records`"):
        parse_source_config("json", {"path": "a.json", "records": path})


@pytest.mark.parametrize("reference", ["{env:MY VAR}", "{env:}", "{secret:Upper_Case}"])
def test_a_reference_with_an_impossible_name_is_refused(reference):
    with pytest.raises(SourceError, match="may hold only"):
        parse_source_config("csv", {"path": f"s3://{reference}/a.csv"})


def test_configurations_do_not_change_and_round_trip_through_json():
    config = parse_source_config("csv", {"path": "a.csv", "null_values": ["", "-"]})
    with pytest.raises(ValueError, match="frozen"):
        config.path = "b.csv"
    assert parse_source_config("csv", config.model_dump(mode="json")) == config


def test_every_field_has_a_description_and_a_literal_default():
    for config in CONFIGS.values():
        for name, field in config.model_fields.items():
            if name != "kind":
                assert field.description, name
            assert field.default_factory is None, name
