from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from reports.comparison_facts import LevelFacts, PairFacts, ScorePairs, least_alike_pair
from reports.comparison_report import render_comparison_report
from reports.facts import Failure
from reports.numbers import NOTHING
from tests.reports.examples import agreed_row, comparison, detector, failed_detector
from tests.reports.reading import sections, text_of, tokens_of

_LARGEST = 500_000


@pytest.fixture(scope="module")
def markdown() -> str:
    return render_comparison_report(comparison())


@pytest.fixture(scope="module")
def text(markdown) -> str:
    return text_of(markdown)


def test_what_to_do_comes_before_the_figures_it_is_drawn_from(markdown):
    assert sections(markdown) == [
        "3 of 4 detectors flag 19 of 500 rows of `orders`; all 3 agree on 3 of them",
        "What to do",
        "Detectors",
        "Agreement",
        "Two by two",
        "The two least alike",
        "Flagged rows",
        "What next",
        "Origin",
    ]


def test_the_rows_that_all_flag_are_to_be_looked_at_first(text):
    assert "**Look first** at the 3 rows that all 3 flag: A-1, A-2, A-3." in text


def test_when_no_row_is_flagged_by_all_the_next_level_comes_first():
    levels = (LevelFacts("all", 0), LevelFacts("majority", 30), LevelFacts("one", 2))
    rows = tuple(agreed_row(i, ("forest", "trees"), "majority", 2 / 3) for i in range(1, 21))
    text = text_of(render_comparison_report(comparison(levels=levels, rows=rows)))
    assert "No row is flagged by all 3. **Look first** at the 30 rows that 2 of 3 flag" in text
    assert "A-8 and 22 more." in text


def test_of_redundant_detectors_the_one_that_ranks_best_by_the_labels_is_kept(text):
    assert (
        "**Redundant** (Spearman above 0.95): **trees** (Spearman 0.970, both flag 8 of 12 rows) "
        "ranks the rows as **forest** does. One is enough: keep **forest**, which has the highest "
        "average precision of them."
    ) in text


def test_without_labels_the_fastest_of_redundant_detectors_is_kept():
    detectors = (detector("forest", seconds=2.0), detector("trees"), detector("knn"))
    text = text_of(render_comparison_report(comparison(detectors=detectors, known=None)))
    assert "keep **trees**, the fastest of them." in text


def test_when_none_is_redundant_the_most_alike_are_named():
    pairs = tuple(replace(pair, spearman=0.6) for pair in comparison().pairs)
    text = text_of(render_comparison_report(comparison(pairs=pairs)))
    assert "**None is redundant**: the two most alike are **forest** and **trees**" in text
    assert "stands alone" not in text


def test_a_detector_unlike_all_others_is_said_to_stand_alone(text):
    assert (
        "**knn stands alone**: it ranks the rows like none of the others (Spearman 0.30 at most, "
        "with **trees**), and flags 7 rows that no other does."
    ) in text
    assert text.count("stands alone") == 1


def test_with_labels_the_best_detector_and_the_worth_of_each_level_are_said(text):
    assert "**By the labels** of the source **forest** ranks best: average precision 0.600" in text
    assert (
        "**Known anomalies** are 100 % of those that all 3 flag, 40 % of those that 2 of 3 flag, "
        "9.1 % of those that 1 of 3 flag."
    ) in text


def test_every_detector_has_its_line_and_one_that_failed_its_error(text):
    assert "| **forest** | 10 | 2 % | 2 | 0.5 | 2 s | 0.900 | 0.600 | 0.500 | 0.250 |" in text
    assert "| **lof** | **error** | – | – | – | 0.1 s | – | – | – | – |" in text
    assert "- **lof** failed: DetectorError: ask for fewer neighbours\n" in text


def test_without_labels_no_grades_are_shown():
    report = comparison()
    detectors = tuple(replace(one, grade=None) for one in report.detectors)
    levels = tuple(LevelFacts(level.level, level.rows) for level in report.levels)
    rows = tuple(replace(row, label=None) for row in report.rows)
    text = text_of(
        render_comparison_report(
            replace(report, detectors=detectors, levels=levels, rows=rows, known=None)
        )
    )
    for word in ("AUROC", "Precision", "Known", "By the labels", "labels as anomalies"):
        assert word not in text


def test_levels_are_listed_with_a_sum_and_without_those_no_row_could_have(text):
    assert "| all | all 3 | 3 | 16 % | 3 | 1.000 | 0.150 |" in text
    assert "| majority | 2 of 3 | 5 | 26 % | 2 | 0.400 | 0.100 |" in text
    assert "| **sum** | any | **19** | 100 % | 6 |  |  |" in text
    assert "| some |" not in text


def test_pairs_are_listed_the_most_alike_first(text):
    assert "| **forest** and **trees** | 0.970 | 0.667 | 8 | 12 |" in text
    assert text.index("| **trees** and **knn** |") < text.index("| **forest** and **knn** |")


def test_two_detectors_that_flag_nothing_have_a_dash_for_jaccard():
    pairs = tuple(replace(pair, both=0, either=0, jaccard=None) for pair in comparison().pairs)
    text = text_of(render_comparison_report(comparison(pairs=pairs)))
    assert f"| **forest** and **trees** | 0.970 | {NOTHING} | 0 | 0 |" in text


def test_a_row_says_who_flags_it_and_what_stands_out(text):
    assert "| # | order_id | Level | Confidence | Mean rank | Known | Flagged by |" in text
    assert "| 1 | A-1 | all | 100 % | 2.5 | yes | all | ▲ **amount** = 1,000 (0.5 to 90) |" in text
    assert "| 4 | A-4 | majority | 67 % | 10 | no | all but knn |" in text
    assert "| 9 | A-9 | one | 33 % | 22.5 | yes | knn |" in text


def test_the_origin_has_all_detectors_with_their_parameters():
    detectors = (detector("knn", parameters={"n_neighbors": 50}), *comparison().detectors[:2])
    text = text_of(render_comparison_report(comparison(detectors=detectors)))
    assert "- **knn**: Knn, n_neighbors 50: `vigil detections show knn`\n" in text
    assert "- Fitted on all rows, seed 5, data fingerprint `a3f1c09be27d4418`\n" in text
    assert "# The same comparison again\nvigil compare orders -a forest" in text


def test_the_charts_are_small(markdown):
    images = [token.attrs["src"] for token in tokens_of(markdown) if token.type == "image"]
    assert len(images) == 4
    assert all(len(str(image)) < 80_000 for image in images)


def test_two_detectors_agree_or_do_not():
    report = comparison()
    levels = (LevelFacts("all", 8), LevelFacts("one", 4))
    two = replace(report, detectors=report.detectors[:2], pairs=report.pairs[:1], levels=levels)
    text = text_of(render_comparison_report(replace(two, rows=(), least_alike=None)))
    assert "# 2 detectors flag 12 of 500 rows of `orders`; both agree on 8 of them\n" in text
    assert "at the 8 rows that both flag." in text


def test_one_detector_that_succeeded_has_none_to_be_compared_with():
    levels = (LevelFacts("all", 10),)
    text = text_of(
        render_comparison_report(
            comparison(
                detectors=(detector("forest"), failed_detector("lof")),
                pairs=(),
                levels=levels,
                rows=(agreed_row(1, ("forest",), "all", 1.0),),
                least_alike=None,
            )
        )
    )
    assert "# 1 of 2 detectors flags 10 of 500 rows of `orders`\n" in text
    assert "Only **forest** succeeded: there is none to compare it with." in text
    assert "at the 10 rows that it flags: A-1 and 9 more." in text


def test_when_all_detectors_fail_that_is_the_report():
    report = comparison(
        detectors=(failed_detector("knn"), failed_detector("lof")),
        status="error",
        pairs=(),
        levels=(),
        rows=(),
        least_alike=None,
        rows_scored=None,
        fingerprint=None,
        failure=Failure("SourceError", "no file orders.csv"),
        known=None,
    )
    markdown = render_comparison_report(report)
    assert sections(markdown)[:3] == [
        "None of 2 detectors succeeded on `orders`",
        "What to do",
        "Detectors",
    ]
    assert "**SourceError**: no file orders.csv" in text_of(markdown)
    assert "**knn** failed: DetectorError: ask for fewer neighbours" in text_of(markdown)


def test_no_flagged_row_is_a_result_too():
    levels = tuple(LevelFacts(level, 0) for level in ("all", "majority", "some", "one"))
    text = text_of(render_comparison_report(comparison(levels=levels, rows=())))
    assert "# 3 of 4 detectors flag none of the 500 rows of `orders`\n" in text
    assert "No detector flags any row: there is nothing to look at." in text


def test_the_least_alike_pair_is_that_of_the_smallest_spearman():
    pairs = comparison().pairs
    assert least_alike_pair(pairs) is pairs[1]
    assert least_alike_pair(()) is None


def test_hostile_names_leave_the_report_in_its_shape():
    names = ["[x](javascript:alert(1))", "a|b", "`", "line\n\n# break", "<script>alert(1)</script>"]
    report = comparison(
        source=names[3],
        detectors=tuple(
            replace(one, detector=name, parameters={name: name}, label=name)
            for name, one in zip(names, [detector("a")] * 4 + [failed_detector("b")], strict=True)
        ),
        pairs=tuple(PairFacts(a, b, 1, 2, 0.5, 0.96) for a, b in combinations(names[:4], 2)),
        rows=tuple(
            replace(agreed_row(i, (name,), "all", 1.0), key={name: name})
            for i, name in enumerate(names, 1)
        ),
        least_alike=ScorePairs(names[0], names[1], (0.1, 0.9), (0.2, 0.8)),
        failure=Failure(names[3], names[0]),
    )
    markdown = render_comparison_report(report)
    kinds = Counter(token.type for token in tokens_of(markdown))
    assert kinds["table_open"] == 5
    assert kinds["image"] == 4
    assert not {"link_open", "html_block", "html_inline"} & set(kinds)
    assert sections(markdown)[1:] == [
        "What to do",
        "Detectors",
        "Agreement",
        "Two by two",
        "The two least alike",
        "Flagged rows",
        "What next",
        "Origin",
    ]


def test_twelve_detectors_with_long_names_fit():
    labels = [f"{i} {'|' * 200}" for i in range(12)]
    scores = tuple(i / 3000 for i in range(3000))
    report = comparison(
        detectors=tuple(detector(label) for label in labels),
        pairs=tuple(PairFacts(a, b, 1, 2, 0.5, -0.2) for a, b in combinations(labels, 2)),
        rows=tuple(agreed_row(i, tuple(labels[:i]), "majority", 0.5) for i in range(1, 13)),
        least_alike=ScorePairs(labels[0], labels[1], scores, scores[::-1]),
    )
    assert len(render_comparison_report(report).encode()) < _LARGEST


@pytest.mark.parametrize(
    "scores",
    [
        (0.5, 0.5, 0.5),
        (1e9, 1e9, 1e9),
        (0.0, 1.0, 1e300),
        (-1e300, 0.0, 1e300),
        (1e-300, 2e-300, 3e-300),
        (*(i / 100 for i in range(100)), 1e9),
    ],
)
def test_odd_scores_are_drawn_without_a_warning(scores):
    odd = ScorePairs("forest", "knn", scores, tuple(reversed(scores)))
    assert "Scores of forest and knn" in text_of(
        render_comparison_report(comparison(least_alike=odd))
    )
