from dataclasses import replace

import numpy as np
import pytest

from reports.charts.row_series import row_series_chart
from reports.stream_report import render_stream_report
from tests.reports.reading import sections, tokens_of, words_of
from tests.reports.stream_examples import START, alert, given_up, polled, run, series

_LARGEST = 500_000


def pictures(markdown: str) -> int:
    return markdown.count("](data:image/png;base64,")


def test_errors_come_first_then_the_streams_with_most_alerts_then_all():
    quiet, loud = polled("quiet"), polled("loud", (alert(1100, 4), alert(1120, 5)))
    markdown = render_stream_report(
        run(quiet, polled("some", (alert(1050, 2),)), given_up("gone"), loud)
    )
    assert sections(markdown) == [
        "3 alerts in 600 rows of 4 streams, 1 given up",
        "1 stream with errors",
        "loud",
        "some",
        "Streams",
        "Columns",
        "What next",
        "Origin",
    ]
    assert pictures(markdown) == 2


def test_a_run_without_alerts_draws_the_stream_that_read_the_most():
    markdown = render_stream_report(run(polled("small"), polled("large", rows=900)))
    assert sections(markdown)[:2] == ["0 alerts in 1,100 rows of 2 streams", "large"]


def test_alerts_of_rows_that_are_no_longer_kept_are_told_and_not_drawn():
    text = words_of(render_stream_report(run(polled("load", (alert(10, 1),)))))
    assert "the last 200 rows, in which no alert was raised" in text
    assert "Incident 1: 2026-03-01 00:10" in text


def test_a_run_that_found_no_stream_free_says_so():
    assert sections(render_stream_report(run()))[0] == "No stream was free to be polled"


def test_incidents_are_told_in_words_the_latest_first():
    alerts = (alert(1010, 2, 70.0), alert(1011, 2, 99.0), alert(1100, 3, state="resolved"))
    text = words_of(render_stream_report(run(polled("load", alerts))))
    later = text.index(
        "Incident 3: 2026-03-01 18:20: cpu 99, where 20 to 45 was expected, score 0.99; resolved"
    )
    earlier = text.index(
        "Incident 2: 2 alerts, 2026-03-01 16:50 to 16:51: at its worst cpu 99, where 20 to 45 was "
        "expected, score 0.99; open"
    )
    assert later < earlier


def test_an_incident_without_times_is_told_by_keys_or_rows():
    untimed = [alert(1010, 1, time=None), alert(1012, 1, time=None)]
    text = words_of(render_stream_report(run(polled("load", tuple(untimed)))))
    assert "Incident 1: 2 alerts, m1010 to m1012: at its worst" in text
    keyless = tuple(replace(each, key=None) for each in untimed)
    assert "row 1,010 to row 1,012" in words_of(render_stream_report(run(polled("load", keyless))))


def test_what_was_odd_in_combination_is_not_blamed_on_one_value():
    together = alert(1010, 1)
    values = tuple(replace(held, driving=False) for held in together.values)
    markdown = render_stream_report(run(polled("load", (replace(together, values=values),))))
    assert "no single value, but their combination" in words_of(markdown)


def test_statistics_lag_and_what_is_left_of_the_warm_up_are_shown():
    markdown = render_stream_report(run(polled("load", warm_up_left=50)))
    assert "it is warming up, and raises no alert for 50 more rows" in words_of(markdown)
    assert "| load | warming up | 200 | 0 | 812 bytes | 0 | 1,200 | 0 | 1 |" in markdown.replace(
        "\xa0", " "
    )
    assert "| load | cpu | 1,200 | 3 | 30 | 3.5 | 20 to 99 | 4 | 0.33 % |" in markdown.replace(
        "\xa0", " "
    )
    assert "| load | mem | 0 | 1,203 | – | – | – | 0 | – |" in markdown


def test_errors_and_notices_are_read_as_a_whole():
    noted = polled("load", notices=("a.csv was truncated: read again from its beginning",))
    text = words_of(render_stream_report(run(noted, given_up("gone"))))
    assert "gone, given up after 10 errors: SourceError: no file a.csv: put it back" in text
    assert "load: a.csv was truncated: read again from its beginning" in text


def test_two_hundred_streams_with_alerts_are_less_than_half_a_megabyte():
    columns = tuple(replace(polled("a").columns[0], name=f"column-{i}") for i in range(20))
    alerts = tuple(alert(1000 + 9 * i, i) for i in range(20))
    streams = [
        polled(f"stream-{i}", alerts, columns=columns, recent=_noisy(1000)) for i in range(200)
    ]
    failed = [given_up(f"failed-{i}", "x" * 2000) for i in range(200)]
    markdown = render_stream_report(run(*streams, *failed))
    assert len(markdown) < _LARGEST
    assert pictures(markdown) >= 3
    assert "300 more" in words_of(markdown)


def _noisy(n: int):
    import numpy as np

    random = np.random.default_rng(0)
    values = random.normal(size=(n, 20))
    return replace(series(n), values=values, scores=np.abs(values[:, 0]))


def test_names_of_users_cannot_break_out():
    name = "a|b](http://x) <script>"
    held = replace(polled("load").columns[0], name=name)
    markdown = render_stream_report(run(polled("load", columns=(held,), recent=None)))
    assert name in words_of(markdown)
    assert not [token for token in tokens_of(markdown) if token.type.startswith("html")]


@pytest.mark.parametrize("recent", [None, series(1), series(5000), series(timed=False)])
def test_any_number_of_rows_can_be_drawn(recent):
    markdown = render_stream_report(run(polled("load", (alert(1000, 1),), recent=recent)))
    assert pictures(markdown) == (recent is not None)


@pytest.mark.parametrize("seconds", [213.0, 4 * 86_400.0, 1_800 * 86_400.0])
def test_times_are_marked_however_long_they_take(seconds):
    rows = series()
    rows = replace(rows, times=START.timestamp() + np.linspace(0, seconds, len(rows.times)))
    assert row_series_chart(rows, ["cpu", "mem"], ["cpu"], (), 0.5)
