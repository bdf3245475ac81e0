import pytest

from cli.group import CommandError
from cli.values import flatten, read_values
from sources.config import CsvConfig, HttpConfig, SqlConfig

CSV, HTTP, SQL = CsvConfig.model_fields, HttpConfig.model_fields, SqlConfig.model_fields


@pytest.mark.parametrize(
    ("fields", "assignment", "expected"),
    [
        (CSV, "path=2024", {"path": "2024"}),
        (CSV, "path=a=b.csv", {"path": "a=b.csv"}),
        (CSV, "delimiter=;", {"delimiter": ";"}),
        (CSV, "decimal_point=,", {"decimal_point": ","}),
        (CSV, "skip_rows=3", {"skip_rows": 3}),
        (CSV, "null_values=[NA, '-']", {"null_values": ["NA", "-"]}),
        (CSV, "storage_options.anon=true", {"storage_options": {"anon": True}}),
        (CSV, "storage_options.key={env:KEY}", {"storage_options": {"key": "{env:KEY}"}}),
        (SQL, "table=null", {"table": "null"}),
        (HTTP, "pagination=none", {"pagination": "none"}),
        (HTTP, "headers.X-Since=2024-01-01", {"headers": {"X-Since": "2024-01-01"}}),
        (CSV, "unknown=1", {"unknown": 1}),
        (CSV, "unknown.key=1", {"unknown.key": 1}),
        (CSV, "skip_rows=[1", {"skip_rows": "[1"}),
    ],
)
def test_a_value_is_read_as_its_field_wants_it(fields, assignment, expected):
    assert read_values([assignment], fields) == expected


@pytest.mark.parametrize("assignment", ["path", "=a", ""])
def test_an_assignment_has_a_name_and_a_value(assignment):
    with pytest.raises(CommandError, match="expected name=value"):
        read_values([assignment], CSV)


def test_what_flatten_yields_is_what_was_set():
    values = {"url": "https://x", "headers": {"A": "b", "C": "d"}, "max_pages": 3}
    assignments = [f"{name}={value}" for name, value in flatten(values)]
    assert read_values(assignments, HTTP) == values
