import pytest

from models.queries.comparison_life import fail_comparison, finish_comparison, start_comparison
from models.queries.comparisons import create_comparison
from models.queries.runs import finish_detection, start_detection
from models.queries.sources import get_source
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tests.models.examples import comparison_request, comparison_result, request_for, result

POLICY = {"method": "false_alarm", "rate": 0.01}


def store(finish):
    """Store a comparison of knn and lof on the source orders; return its id."""
    now = utc_now()
    with session_scope(open_engine()) as session:
        source = get_source(session, "orders")
        requests = [
            request_for(
                source,
                label=name,
                algorithm=name,
                detector={"algorithm": name, "n_neighbors": 20},
                threshold_policy=POLICY,
            )
            for name in ("knn", "lof")
        ]
        request = comparison_request(source, threshold_policy=POLICY)
        comparison, detections = create_comparison(session, request, requests, now)
        start_comparison(session, comparison.id, now)
        finish(session, comparison, detections, now)
        return str(comparison.id)


@pytest.fixture
def comparison(orders):
    def finish(session, comparison, detections, now):
        for detection in detections:
            start_detection(session, detection.id, now)
            finish_detection(session, detection.id, result(2), now)
        finish_comparison(session, comparison.id, comparison_result(), now)

    return store(finish)


@pytest.fixture
def failed(orders):
    def finish(session, comparison, detections, now):
        fail_comparison(session, comparison.id, "SourceError", "it is gone", now)

    return store(finish)


def test_comparisons_are_listed_the_latest_first_with_true_totals(vigil, comparison, failed):
    page = vigil("comparisons", "list", "--limit", "1", "--json").json
    assert ([one["id"] for one in page["items"]], page["total"]) == ([failed], 2)
    [item] = vigil("comparisons", "list", "--status", "success", "--json").json["items"]
    assert (item["id"], item["labels"]) == (comparison, ["knn", "lof"])
    assert (item["total_algorithms"], item["succeeded_algorithms"]) == (2, 2)
    assert item["total_unique_anomalies"] == 3
    listed = vigil("comparisons", "list", "--source", "orders").out
    assert "knn, lof" in listed
    assert "2 comparisons" in listed
    assert "did you mean 'orders'" in vigil("comparisons", "list", "--source", "order").err


def test_a_comparison_is_complete_in_json(vigil, comparison):
    document = vigil("comparisons", "show", comparison, "--json").json
    knn, lof = document["algorithm_results"]
    assert (knn["label"], knn["display_name"]) == ("knn", "k nearest neighbours")
    assert (lof["status"], lof["anomaly_count"], lof["anomaly_indices"]) == (
        "success",
        2,
        [998, 999],
    )
    summary = document["agreement_summary"]
    counts = [summary[f"{level}_count"] for level in ("all", "majority", "some", "one")]
    assert counts == [1, 0, 0, 2]
    assert sum(counts) == summary["total_unique_anomalies"] == 3
    assert (summary["total_algorithms"], summary["succeeded_algorithms"]) == (2, 2)
    assert summary["agreement_matrix"] == {"knn": {"knn": 2, "lof": 1}, "lof": {"lof": 2, "knn": 1}}
    [pair] = summary["pairs"]
    assert (pair["first"], pair["second"], pair["spearman"]) == ("knn", "lof", 0.5)
    assert summary["level_grades"]["all"]["recall"] == 0.25
    first, *_ = document["agreement_records"]
    assert first == {
        "rank": 1,
        "row_index": 999,
        "row_key": "order-999",
        "detected_by": ["knn", "lof"],
        "detection_count": 2,
        "agreement_level": "all",
        "confidence_score": 1.0,
        "mean_rank": 1.5,
        "column_values": {"amount": 500.0, "city": "Köln"},
        "label": True,
    }


def test_a_comparison_is_shown_with_its_tables_and_what_to_do_next(vigil, comparison):
    shown = vigil("comparisons", "show", comparison[:8]).out
    assert shown.startswith("2 detectors flag 3 of 300 rows of orders; both agree on 1 of them\n")
    for text in ("AUROC", "Jaccard", "1 left out: same (constant)", "amount 500 (+93.9)"):
        assert text in shown
    assert f"vigil comparisons records {comparison[:8]} --level all" in shown


def test_records_are_filtered_by_level_and_count_and_paged(vigil, comparison):
    def records(*words):
        page = vigil("comparisons", "records", comparison, *words, "--json").json
        return [record["rank"] for record in page["items"]], page["total"]

    assert records() == ([1, 2, 3], 3)
    assert records("--level", "one") == ([2, 3], 2)
    assert records("--level", "some") == ([], 0)
    assert records("--min-count", "2") == ([1], 1)
    assert records("--limit", "1", "--offset", "1") == ([2], 3)
    words = ("--level", "one", "--limit", "1")
    told = vigil("comparisons", "records", comparison, *words).out
    assert f"vigil comparisons records {comparison[:8]} --level one --limit 1 --offset 1" in told
    assert vigil("comparisons", "records", comparison, "--level", "most").code == 2


def test_flagged_rows_of_show_are_paged(vigil, comparison):
    words = ("--records", "1", "--offset", "2")
    document = vigil("comparisons", "show", comparison, *words, "--json").json
    assert [record["rank"] for record in document["agreement_records"]] == [3]
    assert document["agreement_records_offset"] == 2
    assert document["agreement_records_limit"] == 1


def test_a_failed_comparison_shows_its_error(vigil, failed):
    shown = vigil("comparisons", "show", failed)
    assert shown.code == 0
    assert shown.out.startswith("orders: SourceError: it is gone\n")
    document = vigil("comparisons", "show", failed, "--json").json
    assert (document["status"], document["agreement_records"]) == ("error", [])
    assert document["agreement_summary"]["agreement_matrix"] == {}


def test_deleting_says_what_goes_with_it_and_asks(vigil, comparison):
    refused = vigil("comparisons", "delete", comparison)
    assert refused.code == 1
    assert "of orders with its 2 detections and 3 flagged rows" in refused.err
    deleted = vigil("comparisons", "delete", comparison, "--yes", "--json").json
    assert (deleted["id"], deleted["detection_count"], deleted["record_count"]) == (
        comparison,
        2,
        3,
    )
    assert vigil("comparisons", "show", comparison).code == 1
    assert "start one with vigil compare" in vigil("comparisons", "list").out
