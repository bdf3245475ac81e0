from collections import Counter
from dataclasses import replace

import pytest

from reports.batch_report import render_batch_report
from reports.facts import Failure, ThresholdChoice
from tests.reports.examples import STEADY, batch, checked, failed
from tests.reports.reading import sections, text_of, tokens_of

_LARGEST = 500_000


@pytest.fixture(scope="module")
def mixed() -> str:
    """A failure, one that stands out, one that is usual, one that is not known."""
    return render_batch_report(
        batch(
            checked("usual", earlier_rates=STEADY),
            checked("new", rows=9000, anomalies=900, earlier_rates=STEADY[:2]),
            failed("gone", message="no file gone.csv: put it back"),
            checked("wild", anomalies=200, earlier_rates=STEADY, report="../artifact/17"),
        )
    )


def test_what_failed_comes_first_then_what_stands_out_then_the_rest(mixed):
    assert sections(mixed) == [
        "3 of 4 sources checked, 1 failed; 1,110 anomalies in 11,000 rows",
        "1 source failed",
        "1 source out of the ordinary",
        "Time",
        "What next",
        "The others",
        "Origin",
    ]


@pytest.mark.parametrize(
    ("sources", "headline"),
    [
        ([checked("a"), checked("b")], "All 2 sources checked; 20 anomalies in 2,000 rows"),
        ([checked("a", anomalies=1)], "1 source checked; 1 anomaly in 1,000 rows"),
        ([failed("a"), failed("b")], "None of 2 sources could be checked, 2 failed"),
        (
            [checked("a"), failed("b"), replace(failed("c"), status="cancelled", failure=None)],
            "1 of 3 sources checked, 1 failed, 1 cancelled or not begun; "
            "10 anomalies in 1,000 rows",
        ),
    ],
)
def test_the_headline_says_what_became_of_the_sources(sources, headline):
    markdown = render_batch_report(batch(*sources))
    assert sections(markdown)[0] == headline


def test_both_average_rates_are_over_the_sources_that_succeeded(mixed):
    text = text_of(mixed)
    assert "| Rate, weighted | Rate, unweighted |" in text
    # 1,110 of 11,000 rows; the mean of 1 %, 10 % and 20 %.
    assert "| 4 | 3 | 1 | 1,110 | 11,000 | 10 % | 10 % | 41 s |" in text
    assert "Both rates are over 3 sources that succeeded." in text


def test_weighted_and_unweighted_differ_when_sources_differ_in_size():
    markdown = render_batch_report(batch(checked("a", 1000, 100), checked("b", 9000, 90)))
    assert "| 190 | 10,000 | 1.9 % | 5.5 % |" in text_of(markdown)


def test_a_failure_is_told_with_its_message_and_where_to_read_on(mixed):
    text = text_of(mixed)
    assert "- **gone**: SourceError: no file gone.csv: put it back (after 0.1 s, vigil" in text


def test_alike_failures_stand_side_by_side():
    sources = [failed("a", "Z"), failed("b", "Y"), failed("c", "Z"), failed("d", "Y")]
    text = text_of(render_batch_report(batch(*sources)))
    places = [text.index(f"**{name}**") for name in "bdac"]
    assert places == sorted(places)


def test_sources_that_were_not_checked_are_named():
    waiting = replace(failed("later"), status="cancelled", failure=None, seconds=None)
    text = text_of(render_batch_report(batch(checked("a"), waiting)))
    assert "## 1 source not checked\n\nCancelled or never begun: **later**." in text


def test_what_stands_out_is_said_beside_what_is_usual(mixed):
    text = text_of(mixed)
    assert "| **wild** | **▲ 20 %**, usually up to 2.1 % in 5 runs | 200 | 1,000 |" in text
    assert "modified z-score of Iglewicz and Hoaglin" in text
    assert "No judgement of 1 source with fewer than 3 earlier runs." in text


def test_a_rate_that_has_fallen_stands_out_too():
    fallen = checked("quiet", 100_000, 5, earlier_rates=(0.1, 0.11, 0.09))
    assert "**▼ 0.005 %**" in text_of(render_batch_report(batch(fallen)))


def test_without_history_nothing_is_judged():
    markdown = render_batch_report(batch(checked("a", anomalies=900), checked("b")))
    assert "Nothing to compare with yet" in sections(markdown)
    assert "out of the ordinary" not in text_of(markdown)


def test_when_all_is_usual_that_is_said():
    markdown = render_batch_report(batch(checked("a", earlier_rates=STEADY)))
    assert "No source out of the ordinary" in sections(markdown)
    assert "Every source that was checked" in sections(markdown)


def test_a_source_links_to_its_report_or_says_the_command(mixed):
    links = [token.attrs["href"] for token in tokens_of(mixed) if token.type == "link_open"]
    assert links == ["../artifact/17"]
    assert "| vigil detections show usual |" in text_of(mixed)


def test_what_is_missing_can_be_resumed_while_something_is():
    assert "# Run what is missing\nvigil batch --resume 5d0c7e1e\n" in render_batch_report(
        batch(failed("a"))
    )
    whole = batch(checked("a"))
    commands = replace(whole.commands, resume=None)
    assert "Run what is missing" not in render_batch_report(replace(whole, commands=commands))


def test_how_it_ran_is_said(mixed):
    text = text_of(mixed)
    assert "1.6 s of work done in 41 s, on up to 4 sources at once (threads)" in text
    assert "Every source has a threshold of its own, chosen for a false-alarm rate of 1 %" in text
    assert "`5d0c7e1e-2a52-4e8e-8a60-6c2f4f1a9b11`, started 2026-03-01 02:00:03 UTC" in text


def test_a_fixed_threshold_is_the_same_for_every_source():
    text = text_of(
        render_batch_report(batch(checked("a"), threshold=ThresholdChoice("fixed", 0.7)))
    )
    assert "above 0.7, the same for every source." in text


def test_a_batch_that_was_ended_says_by_what():
    report = batch(failed("a"), failure=Failure("WorkerDied", "signal 9"), status="error")
    assert "**WorkerDied**: signal 9" in text_of(render_batch_report(report))


def test_the_charts_are_small(mixed):
    images = [token.attrs["src"] for token in tokens_of(mixed) if token.type == "image"]
    assert len(images) == 2
    assert all(len(str(image)) < 80_000 for image in images)


def test_hostile_names_leave_the_report_in_its_shape():
    names = ["[x](javascript:alert(1))", "a|b", "`", "line\n\n# break", "<script>alert(1)</script>"]
    sources = [checked(name, earlier_rates=STEADY) for name in names]
    sources += [checked(name, anomalies=900, earlier_rates=STEADY) for name in names]
    sources += [failed(name, name, name) for name in names]
    waiting = [replace(failed(name), status="cancelled", failure=None) for name in names]
    report = batch(*sources, *waiting, name=names[3], detector=names[4], runner=names[0])
    markdown = render_batch_report(replace(report, failure=Failure(names[3], names[0])))
    kinds = Counter(token.type for token in tokens_of(markdown))
    assert kinds["table_open"] == 3
    assert kinds["image"] == 2
    assert not {"link_open", "html_block", "html_inline"} & set(kinds)
    assert sections(markdown)[1:] == [
        "5 sources failed",
        "5 sources not checked",
        "5 sources out of the ordinary",
        "Time",
        "What next",
        "The others",
        "Origin",
    ]


def test_two_thousand_sources_fit_whatever_they_are_called():
    def name(i: int) -> str:
        return f"{i} {'&' * 200}"

    sources = [
        *(failed(name(i), "E" * 200, '"' * 5000) for i in range(500)),
        *(checked(name(i), anomalies=900, earlier_rates=STEADY) for i in range(500, 1000)),
        *(checked(name(i), earlier_rates=STEADY) for i in range(1000, 2000)),
    ]
    markdown = render_batch_report(batch(*sources))
    assert len(markdown.encode()) < _LARGEST
    assert markdown.count("more: `vigil batches results 5d0c7e1e`") == 3
    assert markdown.count("And 450 more") == 2
    assert "And 800 more" in markdown
    assert "The others: the 200 highest rates of 1,000" in sections(markdown)


@pytest.mark.parametrize(
    "source",
    [
        checked("none", anomalies=0, earlier_rates=(0.0, 0.0, 0.0)),
        checked("all", 10, 10, earlier_rates=(1.0, 1.0, 1.0)),
        checked("one row", 1, 1, earlier_rates=(0.0, 0.0, 1.0)),
        checked("far", anomalies=1000, earlier_rates=(0.0, 0.001, 0.0)),
    ],
)
def test_odd_rates_are_drawn_without_a_warning(source):
    assert "image" in {token.type for token in tokens_of(render_batch_report(batch(source)))}
