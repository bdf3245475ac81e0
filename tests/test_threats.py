"""docs/threats.md and docs/operations.md say what is held, and by which test."""

import inspect
import json
import re
from pathlib import Path

import pytest
from prefect.utilities.callables import parameter_schema

from cli.up import up
from flows.batch import batch
from flows.compare import compare
from flows.detect import detect
from flows.explain import explain

TESTS = Path(__file__).parent
DOCS = TESTS.parent / "docs"


def rows_of(page):
    return [
        line
        for line in (DOCS / page).read_text("utf-8").splitlines()
        if line.startswith("|") and not re.match(r"\|(---|\s*(who|threat|what|accident) \|)", line)
    ]


# Of the page on operations, the table of accidents.
ACCIDENTS = [row for row in rows_of("operations.md") if row.endswith("` |") and "`test_" in row]
ROWS = rows_of("threats.md") + ACCIDENTS


def test_each_threat_names_a_test_that_exists():
    source = "\n".join(path.read_text("utf-8") for path in TESTS.rglob("test_*.py"))
    existing = set(re.findall(r"^def (test_\w+)\(", source, re.M))
    named = [re.search(r"`(test_\w+)` \|$", row) for row in ROWS]
    assert (len(ROWS) > 50, len(ACCIDENTS) > 10) == (True, True)
    assert [row for row, name in zip(ROWS, named, strict=True) if name is None] == []
    assert {name[1] for name in named if name} - existing == set()


@pytest.mark.parametrize("flow", [detect, batch, compare, explain], ids=lambda flow: flow.name)
def test_no_flow_takes_an_address_a_path_or_a_statement(flow):
    schema = parameter_schema(flow).model_dump()
    names = set(re.findall(r'"(\w+)": \{', json.dumps(schema, default=str)))
    assert "seed" in names
    assert (
        names & {"url", "path", "query", "table", "headers", "params", "storage_options"} == set()
    )


def test_the_server_listens_on_this_machine_alone_by_default():
    assert inspect.signature(up).parameters["host"].default == "127.0.0.1"
