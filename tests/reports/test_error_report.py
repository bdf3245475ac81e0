from dataclasses import replace

from reports.error_report import render_error_report


def test_a_failure_says_what_failed_why_and_what_to_do(error_report):
    markdown = render_error_report(error_report).replace("\\", "")
    assert markdown.startswith("# Detecting anomalies in `orders` failed while reading it\n")
    assert "**SourceError**: no file orders.csv: put it back, or change the path\n" in markdown
    assert "\nvigil sources check orders\n" in markdown
    assert "\nvigil detections show 7f3c2a9e\n" in markdown
    assert "started 2026-03-01 12:30:00 UTC, failed after 1.2 s" in markdown


def test_advice_is_shown_where_there_is_some(error_report):
    assert "**Advice**" not in render_error_report(error_report)
    markdown = render_error_report(replace(error_report, advice="1) wait, then try again"))
    assert "**Advice**: 1) wait, then try again\n" in markdown


def test_a_hostile_message_is_text(error_report):
    message = "<script>alert(1)</script> [x](javascript:alert(1))\n\n# head"
    markdown = render_error_report(replace(error_report, message=message))
    assert "<script>" not in markdown
    assert "\\[x\\](javascript" in markdown
    assert "\n# head" not in markdown


def test_a_message_of_any_length_fits_an_artifact(error_report):
    assert len(render_error_report(replace(error_report, message="| " * 1_000_000))) < 10_000
