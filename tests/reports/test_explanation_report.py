import re
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.explanation_facts import ExplanationMethod, RowLeftOut
from reports.explanation_report import render_explanation_report
from tests.reports.explained import contribution, explained, explanation, orders
from tests.reports.reading import sections, text_of, tokens_of

_LARGEST = 500_000
PATHS = ExplanationMethod("minus mean path length", "paths of every tree", True, 100, 5)


@pytest.fixture(scope="module")
def text() -> str:
    return text_of(render_explanation_report(explanation(orders(1), orders(2))))


def lines_of(text: str, feature: str) -> list[list[str]]:
    """Cells of the lines of tables that begin with a feature."""
    lines = re.findall(rf"^\| {re.escape(feature)} \|(.*)\|$", text, re.M)
    return [[cell.strip() for cell in line.split("|")] for line in lines]


def test_sections_come_in_the_order_in_which_they_are_asked_for():
    report = explanation(orders(1), orders(2), left_out=(RowLeftOut("9999", "no such row"),))
    assert sections(render_explanation_report(report)) == [
        "Why 2 rows of `orders` are anomalous according to Isolation forest",
        "Features that matter in these 2 rows",
        "order_id A-1: anomaly 1",
        "order_id A-2: anomaly 2",
        "1 row left out",
        "What next",
        "Origin",
    ]


def test_headline_figures_are_in_one_table(text):
    assert "| Rows explained | Anomalies | Threshold | Features | Background |" in text
    assert "| 2 | 2 | 0.55 | 4 | 100 rows | 0 | 1.8 s |" in text


def test_a_row_has_its_sentence_its_plot_and_its_table(text):
    assert (
        "## order_id A-1: anomaly 1\n\n**Row 101 is the 1th.**\n\n"
        "[Waterfall from the base 0.4 to 0.731]"
        "\n\n| Feature | Value | Typical | The value is | Contribution |" in text
    )


def test_the_table_compares_each_value_with_what_is_typical_the_strongest_first(text):
    table = text[text.index("## order_id A-1") : text.index("## order_id A-2")]
    assert re.findall(r"^\| (\w+) \|", table, re.M) == [
        "Feature",
        "amount",
        "country",
        "quantity",
        "delay",
    ]
    assert "| amount | 1,000 | 1 to 9 | ▲ unusually high | +0.3 |" in table
    assert "| quantity | 5 | 1 to 9 | usual | -0.02 |" in table


def test_what_is_no_number_says_which_number_stands_in_for_it(text):
    assert "| country | LI (counts as 0.002) | 0.1 to 0.4 | ◆ rare | +0.05 |" in text
    assert "| delay | missing (counts as 0.2) | 0.1 to 0.4 | usual | +0.001 |" in text


def test_booleans_are_shown_as_such():
    row = explained(1, contribution("paid", 0.1, 1.0, value=True, typical=(0.0, 1.0)))
    text = text_of(render_explanation_report(explanation(row)))
    assert "| paid | True | 0 to 1 | usual | +0.1 |" in text


@given(
    st.lists(st.floats(-1e3, 1e3).map(lambda x: round(x, 2)), min_size=1, max_size=14),
    st.integers(1, 12),
)
@settings(max_examples=10, deadline=None)
def test_base_contributions_and_residual_of_a_table_add_up_to_the_score(amounts, max_features):
    row = explained(1, *(contribution(f"f{i}", amount) for i, amount in enumerate(amounts)))
    row = replace(row, explained=row.explained + 0.25, residual=0.25)
    report = explanation(row, max_features=max_features)
    text = text_of(render_explanation_report(report))
    table = re.findall(r"^\| (.*?) \|.*\| \**([-+0-9.,e]+)\** \|$", text, re.M)
    figures = {name: float(figure.replace(",", "")) for name, figure in table}
    total = figures.pop("**score**")
    assert sum(figures.values()) == pytest.approx(total, abs=0.5 * len(amounts) + 0.5)
    named = [name for name in figures if name.startswith("f")]
    assert len(named) in (len(amounts), min(max_features, 10))


@given(st.floats(-1e6, 1e6), st.tuples(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6)).map(sorted))
def test_no_value_is_called_high_that_is_not_above_the_typical_range(value, typical):
    row = explained(1, contribution("amount", 0.0, value, typical=tuple(typical)))
    text = text_of(render_explanation_report(explanation(row)))
    ((_, _, direction, _),) = lines_of(text, "amount")
    assert ("high" in direction) == (value > typical[1])
    assert ("low" in direction) == (value < typical[0])


@pytest.mark.parametrize(
    ("value", "direction"),
    [
        (0.5, "unusually high"),
        (9.0, "unusually high"),
        (9.5, "unusually low"),
        (1.0, "unusually low"),
    ],
)
def test_a_direction_that_contradicts_the_typical_range_is_an_error(value, direction):
    with pytest.raises(ValueError, match=f"'amount' is called {direction}, but .* 1.0 to 9.0"):
        contribution("amount", 0.1, value, direction=direction)


def test_features_beyond_those_asked_for_are_summed_up_never_a_single_one():
    row = explained(1, *(contribution(f"f{i}", 0.1 - i / 100) for i in range(6)))
    few = text_of(render_explanation_report(explanation(row, max_features=3)))
    assert "| *3 other features* |  |  |  | +0.18 |" in few
    assert "| f2 |" in few
    assert "| f3 |" not in few
    assert "other feature" not in text_of(
        render_explanation_report(explanation(row, max_features=5))
    )


def test_a_row_without_a_key_is_named_by_its_number_and_may_be_no_anomaly():
    row = explained(None, contribution("amount", 0.1), key={}, score=0.5)
    text = text_of(render_explanation_report(explanation(row)))
    assert "# Why 1 row of `orders` scores as it does according to Isolation forest\n" in text
    assert "## Row 100: no anomaly\n" in text


def test_one_row_has_no_view_over_all_rows():
    titles = sections(render_explanation_report(explanation(orders(1))))
    assert titles[1] == "order_id A-1: anomaly 1"


def test_few_rows_are_summed_up_in_bars_and_many_in_a_swarm():
    few = render_explanation_report(explanation(*map(orders, range(1, 3))))
    many = render_explanation_report(explanation(*map(orders, range(1, 12))))
    assert "[Mean absolute contributions of 4 features in 2 rows]" in few
    assert "[Contributions of 4 features in 11 rows]" in many
    assert "| amount | 0.225 | 76 % |" in text_of(few)


def test_a_row_that_nothing_contributes_to_is_told_so_without_a_plot():
    row = explained(1, contribution("amount", 0.0), contribution("quantity", 0.0))
    markdown = render_explanation_report(explanation(row, row))
    assert markdown.count("No feature contributes") == 2
    assert "data:image" not in markdown


def test_the_method_is_said_and_whether_it_is_exact(text):
    assert "Shapley values (coalitions in every tree; exact up to rounding)" in text
    sampled = ExplanationMethod("score", "sampled permutations", False, 100, 7)
    other = text_of(render_explanation_report(explanation(orders(1), method=sampled)))
    assert "(sampled permutations; sampled with seed 7)" in other


def test_what_is_explained_in_place_of_the_score_is_said():
    text = text_of(render_explanation_report(explanation(orders(1), method=PATHS)))
    assert "What is explained is minus the mean path length in the trees" in text
    assert "| **minus mean path length** |  |  |  | **0.731** |" in text
    anew = ExplanationMethod("score as a new row", "all coalitions", True, 100, 5)
    text = text_of(render_explanation_report(explanation(orders(1), method=anew)))
    assert "What is explained is the score that the values have as a new row" in text
    assert "path length" not in text


def test_a_detector_that_was_fitted_again_is_said_to_be_so_with_the_reason(text):
    assert "Detector: Isolation forest, the stored one" in text
    method = replace(PATHS, refitted="it was too large to be stored, and the data are unchanged")
    other = text_of(render_explanation_report(explanation(orders(1), method=method)))
    assert "**The detector was fitted again for this**: it was too large to be stored" in other
    assert "Detector: Isolation forest, fitted again" in other


def test_rows_from_an_earlier_run_are_told_from_new_ones():
    rows = (orders(1), replace(orders(2), from_cache=True))
    text = text_of(render_explanation_report(explanation(*rows)))
    assert text.count("These contributions were stored by an earlier run.") == 1
    assert "| 2 | 2 | 0.55 | 4 | 100 rows | 1 |" in text


def test_rows_left_out_are_listed_with_their_reasons():
    left_out = tuple(RowLeftOut(f"{i}", "the source has 683 rows") for i in range(1000, 1025))
    text = text_of(render_explanation_report(explanation(orders(1), left_out=left_out)))
    assert "## 25 rows left out\n\n- Row `1000`: the source has 683 rows\n" in text
    assert "- and 5 more\n" in text


def test_no_rows_are_a_report_too():
    report = explanation(left_out=(RowLeftOut("9999", "the source has 683 rows"),))
    assert sections(render_explanation_report(report)) == [
        "No row of `orders` is explained",
        "1 row left out",
        "What next",
        "Origin",
    ]


def test_commands_and_origin_are_those_given(text):
    assert "\nvigil explanations show 7f3c2a9e\n" in text
    assert "\nvigil explain 7f3c2a9e --top 5\n" in text
    assert "- Detection `7f3c2a9e-52d4-4d6b-9d5e-8a4f0c1e2b77`\n" in text
    assert "- Background of 100 rows, seed 5\n" in text
    assert "- Parameters: n_estimators 300\n- Versions: vigil 0.1.0\n" in text


HOSTILE = ["[x](javascript:alert(1))", "a|b", "`", "line\n\n# break", "<script>alert(1)</script>"]
texts = st.text(st.sampled_from('$_|=[](){}<>\\`*#~:@&\n" -1.)ax日\u202e\ud800'), max_size=40)


@given(st.lists(texts, min_size=5, max_size=5))
@settings(deadline=None)
def test_hostile_names_values_and_sentences_leave_the_report_in_its_shape(names):
    keep_its_shape(names, amount=0.0, images=0)


@given(st.lists(texts, min_size=5, max_size=5))
@settings(max_examples=8, deadline=None)
def test_hostile_names_and_values_can_be_drawn(names):
    keep_its_shape(names, amount=0.1, images=3)


def test_names_that_would_be_links_or_formulas_are_harmless_and_drawn():
    keep_its_shape(HOSTILE, amount=0.1, images=3)
    keep_its_shape(["$x^2$", "$\\frac{1}$", "a=b=c", "\\$", "${"], amount=0.1, images=3)


def keep_its_shape(names: list[str], amount: float, images: int) -> None:
    row = explained(
        1,
        *(contribution(name, amount, value=name) for name in names),
        key={name: name for name in names},
        sentence=names[0],
    )
    report = explanation(
        row, row, source=names[1], detector=names[2], left_out=(RowLeftOut(names[3], names[4]),)
    )
    tokens = tokens_of(render_explanation_report(report))
    kinds = Counter(token.type for token in tokens)
    assert kinds["table_open"] == (4 if images else 3)
    assert kinds["heading_open"] == (7 if images else 6)
    assert kinds["image"] == images
    assert kinds["bullet_list_open"] == 2
    assert not {"link_open", "html_block", "html_inline", "ordered_list_open"} & set(kinds)


@pytest.mark.parametrize("name", ["column number", '"' * 300])
def test_a_thousand_rows_stay_within_the_size_of_an_artifact(name):
    row = explained(
        1,
        *(contribution(f"{i} {name}", 1e-5 / (i + 1), value=f"{i} {name}") for i in range(30)),
        key={f"{name} {i}": name for i in range(9)},
        sentence=name * 20,
    )
    report = explanation(
        *[row] * 1000,
        max_features=30,
        left_out=(RowLeftOut(name, name),) * 1000,
    )
    markdown = render_explanation_report(report)
    assert len(markdown.encode()) < _LARGEST
    drawn = markdown.count("![Waterfall")
    assert 10 < drawn <= 20
    assert f"## {1000 - drawn} more rows" in markdown
    assert f"Pictures of more than the first {drawn} would make the page too heavy." in markdown
