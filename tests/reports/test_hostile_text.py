"""Whatever sources, columns, keys, values and messages are called, a report keeps its shape."""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass, replace

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from reports.batch_report import render_batch_report
from reports.comparison_report import render_comparison_report
from reports.detection_report import render_detection_report
from reports.error_report import render_error_report
from reports.explanation_report import render_explanation_report
from reports.facts import Failure
from tests.reports.examples import STEADY, batch, checked, comparison, failed
from tests.reports.explained import explanation, orders
from tests.reports.reading import tokens_of
from tests.reports.test_markdown import HOSTILE, texts

STRUCTURE = {"table_open", "th_open", "tr_open", "td_open", "heading_open", "list_item_open",
             "bullet_list_open", "ordered_list_open", "fence", "code_block", "hr",
             "blockquote_open", "paragraph_open"}  # fmt: skip
KINDS = ("batch", "comparison", "detection", "error", "explanation")


@pytest.fixture(scope="module")
def reports(report, error_report):
    """A report of every kind, what renders it, and the words in it that a stranger may choose."""
    sources = [
        checked("usual", earlier_rates=STEADY),
        failed("gone", message="no file"),
        replace(failed("late", "TimeoutError"), failure=Failure("TimeoutError", "too slow")),
        checked("wild", anomalies=200, earlier_rates=STEADY),
    ]
    rows = comparison()
    amounts = tuple(
        replace(row, values=(replace(row.values[0], value="big"), *row.values[1:]))
        for row in report.anomalies
    )
    return {
        "batch": (
            batch(*sources),
            render_batch_report,
            ("usual", "gone", "late", "wild", "nightly", "SourceError", "no file", "too slow",
             "n_estimators", "Isolation forest", "vigil batch --resume 5d0c7e1e"),
        ),
        "comparison": (
            rows,
            render_comparison_report,
            ("orders", "order_id", "A-1", "A-7", "amount", "forest", "trees", "knn", "lof",
             "Forest", "Lof", "DetectorError", "ask for fewer neighbours"),
        ),
        "detection": (
            replace(report, anomalies=amounts),
            render_detection_report,
            ("orders", "Isolation forest", "order_id", "A-1", "A-2", "amount", "quantity", "big",
             "batch", "the same value in every row", "whole numbers", "n_estimators",
             "vigil detections show 7f3c2a9e"),
        ),
        "error": (
            error_report,
            render_error_report,
            ("orders", "Isolation forest", "SourceError", "reading it",
             "no file orders.csv: put it back, or change the path",
             "vigil sources check orders"),
        ),
        "explanation": (
            explanation(orders(1), orders(2)),
            render_explanation_report,
            ("orders", "Isolation forest", "order_id", "A-1", "amount", "quantity", "country",
             "delay", "LI", "Row 101 is the 1th.", "n_estimators",
             "vigil explanations show 7f3c2a9e"),
        ),
    }  # fmt: skip


@pytest.fixture(scope="module")
def shapes(reports):
    """The shape of each report with plain words."""
    return {
        kind: shape(render(renamed(report, {word: f"word{i}" for i, word in enumerate(words)})))
        for kind, (report, render, words) in reports.items()
    }


def renamed(part, names):
    """A report in which some words are others, wherever they stand alone."""
    if isinstance(part, str):
        return names.get(part, part)
    if is_dataclass(part):
        return type(part)(
            **{field.name: renamed(getattr(part, field.name), names) for field in fields(part)}
        )
    if isinstance(part, Mapping):
        return {renamed(key, names): renamed(value, names) for key, value in part.items()}
    if isinstance(part, tuple):
        return tuple(renamed(item, names) for item in part)
    return part


def shape(markdown):
    return [token.type for token in tokens_of(markdown) if token.type in STRUCTURE]


@settings(max_examples=6, derandomize=True, deadline=None,
          suppress_health_check=[HealthCheck.function_scoped_fixture])  # fmt: skip
@given(chosen=st.lists(st.one_of(st.sampled_from(HOSTILE), texts), min_size=1, max_size=6))
@example(chosen=list(HOSTILE))
@example(chosen=["a|b\n\n# c\n\n```\n<script>x</script>\n- [x](javascript:alert(1))"])
@pytest.mark.parametrize("kind", KINDS)
def test_hostile_text_changes_no_structure_and_adds_nothing_active(reports, shapes, kind, chosen):
    report, render, words = reports[kind]
    # A number keeps them apart: two columns of one name do not come out of a reader.
    names = {word: f"{chosen[i % len(chosen)]}{i}" for i, word in enumerate(words)}
    markdown = render(renamed(report, names))
    assert shape(markdown) == shapes[kind]
    for token in tokens_of(markdown):
        assert token.type not in {"html_inline", "html_block"}
        if token.type == "image":
            assert str(token.attrs["src"]).startswith("data:image/png;base64,")
        if token.type == "link_open":
            assert not str(token.attrs["href"]).lower().startswith(("javascript:", "data:"))
            assert "example.com" not in str(token.attrs["href"])
