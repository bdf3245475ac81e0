from dataclasses import replace

from reports.backtest_report import render_backtest_report
from tests.reports.reading import sections, words_of
from tests.reports.stream_examples import backtest, series


def test_it_says_what_would_have_been_raised_and_what_another_threshold_would_do():
    markdown = render_backtest_report(backtest())
    assert sections(markdown) == [
        "Value gap would have raised 3 alerts in 2 incidents over 200 rows of `cpu`",
        "What another threshold would do",
        "What it would have raised",
        "What next",
        "Origin",
    ]
    plain = markdown.replace("\xa0", " ")
    assert "| **0.5** | **4** | **3** | **2** | **1 of 2** | **2** | **67 %** | **50 %** |" in plain
    assert "| 0.9 | 1 | 1 | 1 | 0 of 2 | 0 | 0 % | 0 % |" in plain
    assert "vigil streams create cpu --source cpu" in plain


def test_labels_give_precision_and_recall():
    text = words_of(render_backtest_report(backtest()))
    assert "The first 20 rows only serve to learn" in text
    assert "Of 2 known events it finds 1 (50 %), and 67 % of the alerts are right" in text
    assert "pale orange behind it what is known to be odd" in text


def test_without_labels_it_says_how_to_get_more():
    report = backtest(labels=None)
    chosen = replace(report.result.chosen, grade=None)
    result = replace(report.result, chosen=chosen, steps=(chosen,))
    markdown = render_backtest_report(replace(report, result=result))
    assert "label_column" in markdown
    assert "Precision" not in markdown


def test_without_any_alert_the_headline_says_so():
    report = backtest()
    chosen = replace(report.result.chosen, anomalies=0, alerts=0, incidents=0)
    result = replace(report.result, chosen=chosen, steps=(chosen,), alerts=())
    markdown = render_backtest_report(replace(report, result=result))
    assert sections(markdown)[0] == "Value gap would have raised no alert over 200 rows of `cpu`"
    assert "What it would have raised" not in sections(markdown)


def test_scores_that_depend_on_the_threshold_are_called_so():
    assert "run the backtest with the one you choose" in words_of(
        render_backtest_report(backtest(learns_anomalies=False))
    )


def test_a_million_rows_are_one_small_picture():
    report = backtest(series=series(1_000_000, first=0, band=True))
    assert len(render_backtest_report(report)) < 200_000
