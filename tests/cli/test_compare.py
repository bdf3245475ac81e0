import numpy as np
import pandas as pd
import pytest

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_detectors_are_compared_and_shown_with_where_they_agree(vigil, orders):
    ran = vigil("compare", orders, "-a", "statistical", "-a", "hbos", "-a", "knn:n_neighbors=5")
    assert ran.code == 0, ran.err
    headline, *_ = ran.out.splitlines()
    assert headline.startswith("3 detectors flag ")
    assert "120 rows of orders; all 3 agree on " in headline
    for text in ("majority", "Jaccard", "Spearman", "order-17", "amount 500"):
        assert text in ran.out
    assert "vigil comparisons records" in ran.out
    assert "reading orders" in ran.err.splitlines()
    [listed] = vigil("comparisons", "list", "--json").json["items"]
    assert listed["labels"] == ["statistical", "hbos", "knn"]


def test_every_option_reaches_the_flow(vigil, orders):
    words = (
        *("-a", "knn", "-a", "knn:n_neighbors=5,method=mean", "--column", "amount"),
        *("--threshold", "contamination:0.05", "--sample-size", "60", "--missing", "drop_rows"),
        *("--seed", "5", "--json"),
    )
    document = vigil("compare", orders, *words).json
    assert document == vigil("comparisons", "show", document["id"], "--json").json
    assert document["labels"] == ["knn", "knn n_neighbors=5 method=mean"]
    assert [each["config"] for each in document["algorithm_results"]] == [
        {"algorithm": "knn", "n_neighbors": 20, "method": "largest"},
        {"algorithm": "knn", "n_neighbors": 5, "method": "mean"},
    ]
    assert document["threshold_policy"] == {"method": "contamination", "share": 0.05}
    assert (document["columns"], document["sample_size"]) == (["amount"], 60)
    assert (document["missing"], document["seed"]) == ("drop_rows", 5)


def test_a_detector_that_fails_is_shown_and_ends_with_3_and_all_failing_with_1(vigil, tmp_path):
    path = tmp_path / "tiny.csv"
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(12, 3)), columns=list("abc"))
    frame.to_csv(path, index=False)
    vigil("sources", "add", "tiny", "--kind", "csv", "--set", f"path={path}")
    failing = ("-a", "dbscan:min_samples=50")
    partial = vigil("compare", "tiny", "-a", "statistical", *failing)
    assert partial.code == 3
    assert "1 of 2 detectors flags" in partial.out
    assert "min_samples=50" in partial.out
    failed = vigil("compare", "tiny", *failing, *failing)
    assert (failed.code, failed.out) == (1, "")
    *_, message = failed.err.splitlines()
    assert message.startswith("vigil: all 2 detectors failed: `vigil comparisons show")
    latest = vigil("comparisons", "list", "--json").json["items"][0]
    assert latest["status"] == "error"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("order",), "did you mean 'orders'?"),
        (("orders", "-a", "lof"), "a comparison has 2 to 12"),
        (("orders", "--threshold", "fix:1"), "expected one of false_alarm:RATE"),
    ],
)
def test_a_wrong_request_is_refused_before_prefect_is_started(vigil, orders, words, expected):
    refused = vigil("compare", *words)
    assert refused.code == 1
    assert expected in refused.err
    assert "Prefect" not in refused.err
    assert vigil("comparisons", "list", "--json").json["total"] == 0


def test_a_source_that_cannot_be_read_is_said_once(vigil, orders, orders_file):
    orders_file.unlink()
    failed = vigil("compare", orders)
    assert (failed.code, failed.out) == (1, "")
    *_, message = failed.err.splitlines()
    assert str(orders_file) in message
    assert "Traceback" not in failed.err
