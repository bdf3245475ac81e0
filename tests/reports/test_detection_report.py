from collections import Counter
from dataclasses import replace
from html import unescape

import pytest

from reports.detection_report import render_detection_report
from reports.facts import AnomalyFacts, ColumnFacts, RowValue, ThresholdFacts
from reports.sentences import clean_rows_as_high, describe_adjusted
from tests.reports.reading import sections, text_of, tokens_of

_LARGEST = 500_000


@pytest.fixture(scope="module")
def text(report) -> str:
    return text_of(render_detection_report(report))


def test_sections_come_in_the_order_in_which_they_are_asked_for(report):
    assert sections(render_detection_report(report)) == [
        "12 of 683 rows (1.8 %) of `orders` are anomalous according to Isolation forest",
        "Scores",
        "Anomalies",
        "Columns",
        "1 column left out",
        "Data",
        "What next",
        "Origin",
    ]


def test_headline_figures_are_in_one_table(text):
    assert "| Rows | Anomalies | Rate | Threshold | Columns | Time | Left out | AUROC |" in text
    assert "| 683 | 12 | 1.8 % | 0.55 | 2 | 0.84 s | 1 column | 0.968 | 0.617 | 6 of 8 |" in text


def test_without_labels_no_grades_are_shown(report):
    anomalies = tuple(replace(anomaly, label=None) for anomaly in report.anomalies)
    text = text_of(render_detection_report(replace(report, truth=None, anomalies=anomalies)))
    assert "AUROC" not in text
    assert "Known" not in text


@pytest.mark.parametrize(
    ("threshold", "words"),
    [
        (
            ThresholdFacts("false_alarm", 0.01, 0.55),
            "chosen for a false-alarm rate of 1 %: at most about 1 in 100 clean rows is flagged",
        ),
        (
            ThresholdFacts("false_alarm", 0.5, 0.55),
            "chosen for a false-alarm rate of 50 %: at most about 50 % of clean rows are flagged",
        ),
        (
            ThresholdFacts("contamination", 0.05, 0.55),
            "chosen for a contamination of 5 %: the 5 % of rows that score highest are flagged",
        ),
        (ThresholdFacts("fixed", 0.55, 0.55), "above 0.55, the score fixed in the request"),
    ],
)
def test_how_the_threshold_was_chosen_is_said_in_words(report, threshold, words):
    assert words in text_of(render_detection_report(replace(report, threshold=threshold)))


def test_an_anomaly_has_its_key_its_score_its_p_value_and_what_stands_out(text):
    assert "| # | order_id | Score | Clean rows as high | Known |" in text
    assert ("| 1 | A-1 | 0.79 | none of 2,000 | yes | ▲ **amount** = 1,000 (0.5 to 90) |") in text


@pytest.mark.parametrize(
    ("p_value", "words"),
    [
        (1 / 1500, "1 in 1,500"),
        (1 / 2001, "none of 2,000"),
        (1 / 2345, "1 in 2,300"),
        (1 / 123456, "1 in 120,000"),
        (1e-6, "1 in 1,000,000"),
        (1e-9, "fewer than 1 in 1,000,000"),
    ],
)
def test_a_p_value_beyond_the_clean_rows_is_said_as_exactly_as_it_is_known(p_value, words):
    assert clean_rows_as_high(p_value, 2000) == words


def test_a_p_value_is_said_as_one_row_in_so_many(report):
    (first, *_) = report.anomalies
    text = text_of(
        render_detection_report(replace(report, anomalies=(replace(first, p_value=1 / 300),)))
    )
    assert "| 1 in 300 |" in text


def test_a_row_without_a_key_is_named_by_its_number(report):
    anomalies = tuple(replace(anomaly, key={}) for anomaly in report.anomalies)
    text = text_of(render_detection_report(replace(report, anomalies=anomalies)))
    assert "| # | Row | Score |" in text
    assert "| 1 | 101 |" in text


def test_at_most_three_values_are_named_the_furthest_out_first(report):
    values = tuple(RowValue(f"c{z}", float(z), float(-z)) for z in range(1, 9))
    anomaly = AnomalyFacts(rank=1, row=0, score=0.9, values=values)
    text = text_of(render_detection_report(replace(report, anomalies=(anomaly,))))
    assert "▼ **c8** = 8 (z -8) · ▼ **c7** = 7 (z -7) · ▼ **c6** = 6 (z -6) · 2 more |" in text


def test_an_anomaly_of_ordinary_values_is_said_to_be_one_of_their_combination(report):
    values = (RowValue("amount", 3.0, 2.0), RowValue("items", 4.0, -1.0))
    anomaly = AnomalyFacts(rank=1, row=0, score=0.9, values=values)
    text = text_of(render_detection_report(replace(report, anomalies=(anomaly,))))
    assert "no single value; their combination" in text


def test_a_table_of_one_column_has_no_combination_to_be_odd(report):
    anomaly = AnomalyFacts(rank=1, row=0, score=0.9, values=(RowValue("amount", 3.0, 2.0),))
    text = text_of(render_detection_report(replace(report, anomalies=(anomaly,))))
    assert "no value is extreme" in text
    assert "combination" not in text


def test_missing_values_booleans_and_categories_can_stand_out(report):
    values = (
        RowValue("a", None, 9.0),
        RowValue("b", True, 8.0),
        RowValue("c", "red|green", 7.0),
    )
    anomaly = AnomalyFacts(rank=1, row=0, score=0.9, values=values)
    text = text_of(render_detection_report(replace(report, anomalies=(anomaly,))))
    assert "**a** = missing (z +9) · ▲ **b** = True (z +8) · ▲ **c** = red|green (z +7)" in text


def test_cells_of_the_chart_that_are_left_empty_are_explained(report, text):
    first, *others = report.anomalies
    gap = replace(report, anomalies=(replace(first, values=first.values[:1]), *others))
    assert "an empty cell is not among" not in text
    assert "an empty cell is not among" in text_of(render_detection_report(gap))


def test_only_the_twenty_strongest_are_shown(report):
    anomalies = tuple(AnomalyFacts(rank=i, row=i, score=1 / i) for i in range(1, 31))
    markdown = render_detection_report(replace(report, anomalies=anomalies, n_anomalies=1234))
    assert "The 20 strongest anomalies" in sections(markdown)
    rows = [line for line in markdown.splitlines() if line.endswith("their combination |")]
    assert len(rows) == 20


def test_columns_come_in_the_order_of_their_extreme_anomalies(text):
    assert "| amount | 12 ━━━━━━ | 0.5 to 90 | 20 | 0.5 to 12,000 | 1 % | float64 |" in text
    assert "| quantity | 0  | 0 to 6 | 2 | 0 to 9 | 0 % | int64 |" in text
    assert text.index("| amount | 12") < text.index("| quantity | 0")


def test_columns_left_out_are_grouped_by_their_reason(report):
    left_out = {"batch": "the same value in every row", "site": "no values", "zone": "no values"}
    text = text_of(render_detection_report(replace(report, left_out=left_out)))
    assert "## 3 columns left out\n\n- **batch**: the same value in every row\n" in text
    assert "- **site**, **zone**: no values\n" in text


def test_the_profile_counts_rows_columns_types_missing_and_constant_values(report):
    text = text_of(render_detection_report(replace(report, rows_scored=676)))
    assert "- 683 rows; 4 columns: 2 int64, 1 str, 1 float64\n" in text
    assert "- 7 missing values, in **amount**\n" in text
    assert "- No infinite values\n" in text
    assert "- 7 rows with missing values dropped, not scored\n" in text
    assert "- One value only: **batch**\n" in text
    assert "- **quantity**: whole numbers\n" in text


def test_commands_are_those_given_and_explain_appears_once_it_exists(report):
    text = render_detection_report(report)
    assert "\nvigil detect orders --algorithm isolation_forest\n" in text
    assert "\nvigil detections show 7f3c2a9e\n" in text
    assert "Why these rows" not in text
    commands = replace(report.commands, explain="vigil explain 7f3c2a9e")
    text = render_detection_report(replace(report, commands=commands))
    assert "# Why these rows\nvigil explain 7f3c2a9e\n" in text


def test_the_origin_has_all_it_takes_to_have_the_result_again(text):
    assert (
        "Detection `7f3c2a9e-52d4-4d6b-9d5e-8a4f0c1e2b77`, started 2026-03-01 12:30:00 UTC" in text
    )
    assert "Fitted on all rows, seed 5, data fingerprint `a3f1c09be27d4418`" in text
    assert "Parameters: n_estimators 300" in text
    assert "Versions: vigil 0.1.0" in text


def test_of_a_table_larger_than_memory_the_origin_says_what_is_not_exact(report, text):
    assert "Read in chunks" not in text
    provenance = replace(report.provenance, sample_size=200_000, chunk_rows=100_000)
    text = render_detection_report(replace(report, rows_read=20_000_000, provenance=provenance))
    assert "Fitted on 200,000 of 20,000,000 rows, seed 5" in text
    assert "Read in chunks of 100,000 rows: medians and typical ranges with a ≈ are" in text


def test_medians_that_a_sample_estimates_are_marked(report, text):
    assert "≈" not in text
    columns = tuple(replace(column, estimated=True) for column in report.columns)
    text = render_detection_report(replace(report, columns=columns))
    assert "≈: estimated from the sampled rows." in text
    assert "| ≈ " in text


def test_parameters_that_did_not_fit_the_rows_are_said(report):
    adjusted = {"n_components": {"asked": 20, "used": 5, "reason": "fitted on 5 different rows"}}
    provenance = replace(report.provenance, adjusted=tuple(describe_adjusted(adjusted)))
    text = text_of(render_detection_report(replace(report, provenance=provenance)))
    assert "n_components 20 -> 5: fitted on 5 different rows" in unescape(text)


def test_one_anomaly_is_spoken_of_in_the_singular(report):
    text = text_of(
        render_detection_report(replace(report, n_anomalies=1, anomalies=report.anomalies[:1]))
    )
    assert "# 1 of 683 rows (0.15 %) of `orders` is anomalous" in text


def test_no_anomalies_are_a_report_too(report):
    none = replace(
        report,
        n_anomalies=0,
        anomalies=(),
        threshold=replace(report.threshold, value=0.95),
        columns=tuple(replace(column, extreme_anomalies=0) for column in report.columns),
    )
    markdown = render_detection_report(none)
    assert sections(markdown)[:3] == [
        "None of the 683 rows of `orders` is anomalous according to Isolation forest",
        "Scores",
        "Columns",
    ]


def test_hostile_names_leave_the_report_in_its_shape(report):
    names = ["[x](javascript:alert(1))", "a|b", "`", "line\n\n# break", "<script>alert(1)</script>"]
    columns = tuple(ColumnFacts(name, name, note=name, extreme_anomalies=3) for name in names)
    values = tuple(RowValue(name, name, 9.0) for name in names)
    anomalies = tuple(
        AnomalyFacts(rank=1, row=0, score=1.0, key={name: name}, values=values) for name in names
    )
    hostile = replace(
        report,
        source=names[0],
        detector=names[4],
        columns=columns,
        anomalies=anomalies,
        left_out={name: name for name in names},
    )
    markdown = render_detection_report(hostile)
    kinds = Counter(token.type for token in tokens_of(markdown))
    assert kinds["table_open"] == 3
    assert kinds["image"] == 2
    assert not {"link_open", "html_block", "html_inline"} & set(kinds)
    assert sections(markdown)[1:] == [
        "Scores",
        "Anomalies",
        "Columns",
        "5 columns left out",
        "Data",
        "What next",
        "Origin",
    ]


def test_two_thousand_columns_stay_within_the_size_of_an_artifact(report):
    names = [f"{'|' * 200} column number {i}" for i in range(2000)]
    columns = tuple(
        ColumnFacts(name, "float64", minimum=0.1, median=0.2, maximum=0.3, note="n" * 500)
        for name in names
    )
    anomalies = tuple(
        AnomalyFacts(
            rank=i,
            row=i,
            score=1.0,
            key={name: name for name in names[:50]},
            values=tuple(RowValue(name, 1.0, 5.0) for name in names),
        )
        for i in range(1, 21)
    )
    markdown = render_detection_report(
        replace(
            report,
            columns=columns,
            anomalies=anomalies,
            left_out={name: f"reason {i} {'because' * 99}" for i, name in enumerate(names)},
        )
    )
    assert len(markdown.encode()) < _LARGEST
    assert "And 1,960 more columns." in markdown
    assert "and 1,980 more" in markdown
