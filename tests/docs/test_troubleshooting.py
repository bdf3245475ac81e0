"""docs/troubleshooting.md quotes what the code says."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "troubleshooting.md").read_text("utf-8")
MESSAGES = re.findall(r"^\*\*`(.*)`\*\*$", PAGE, re.MULTILINE)
PACKAGES = ("cli", "flows", "tasks", "models", "sources", "detectors")


@cache
def texts() -> str:
    """All that the packages may say, what is filled in as ``…``."""
    trees = (
        ast.parse(path.read_text("utf-8"))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
    )
    return "\n".join(text_of(node) for tree in trees for node in ast.walk(tree))


def text_of(node: ast.AST) -> str:
    if isinstance(node, ast.JoinedStr):
        return "".join(map(text_of, node.values))
    if isinstance(node, ast.FormattedValue):
        return "…"
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


@pytest.mark.parametrize("message", MESSAGES)
def test_each_message_is_one_of_the_code(message):
    parts = [re.escape(part) for part in message.split("…") if part]
    assert parts
    assert re.search(".*".join(parts), texts()), f"no longer said: {message}"


def test_there_are_the_most_likely_ones():
    assert len(MESSAGES) >= 25
    assert len(set(MESSAGES)) == len(MESSAGES)
