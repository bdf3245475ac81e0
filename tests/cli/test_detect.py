import pytest

pytestmark = pytest.mark.usefixtures("prefect_server")


def test_a_detection_is_run_shown_and_kept(vigil, orders):
    ran = vigil("detect", orders, "-a", "statistical")
    assert ran.code == 0, ran.err
    assert "of 120 rows" in ran.out
    assert "order-17" in ran.out
    assert "vigil detections list --source orders" in ran.out
    assert vigil("detections", "list", "--json").json["total"] == 1


def test_what_is_being_done_is_said_on_stderr(vigil, orders):
    said = vigil("detect", orders, "-a", "statistical").err.splitlines()
    assert said[0].startswith("starting Prefect")
    assert "reading orders" in said
    assert not any("Finished in state" in line for line in said)


def test_json_is_the_document_of_detections_show(vigil, orders):
    document = vigil("detect", orders, "-a", "statistical", "--json").json
    assert document == vigil("detections", "show", document["id"], "--json").json


def test_parameters_that_do_not_fit_the_rows_are_kept_as_used_and_said(vigil, orders):
    words = ("-a", "knn", "--set", "n_neighbors=500")
    shown = vigil("detect", orders, *words)
    assert "n_neighbors 500 -> 119: fitted on 120 rows" in shown.out
    document = vigil("detections", "latest", orders, "--json").json
    assert document["config"]["n_neighbors"] == 500
    assert document["adjusted"] == {
        "n_neighbors": {"asked": 500, "used": 119, "reason": "fitted on 120 rows"}
    }
    assert "n_neighbors 500 -> 119" in vigil("detections", "latest", orders).out


def test_every_option_reaches_the_flow(vigil, orders):
    words = (
        *("--algorithm", "isolation_forest", "--set", "n_estimators=20", "--set", "max_samples=32"),
        *("--column", "amount", "--threshold", "contamination:0.05", "--sample-size", "60"),
        *("--missing", "drop_rows", "--seed", "5", "--json"),
    )
    document = vigil("detect", orders, *words).json
    assert document["config"] == {
        "algorithm": "isolation_forest",
        "n_estimators": 20,
        "max_samples": 32,
    }
    assert document["threshold_policy"] == {"method": "contamination", "share": 0.05}
    assert document["columns"] == document["columns_analyzed"] == ["amount"]
    assert (document["sample_size"], document["missing"], document["seed"]) == (60, "drop_rows", 5)


def test_a_source_that_cannot_be_read_is_said_once_and_kept_as_an_error(vigil, orders, orders_file):
    orders_file.unlink()
    failed = vigil("detect", orders)
    assert failed.code == 1
    assert failed.out == ""
    *_, message = failed.err.splitlines()
    assert message.startswith("vigil: ")
    assert str(orders_file) in message
    assert "Traceback" not in failed.err
    kept = vigil("detections", "latest", orders, "--json").json
    assert kept["status"] == "error"
    assert message == f"vigil: {kept['error_message']}"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("order",), "did you mean 'orders'?"),
        (("orders", "-a", "lov"), "did you mean 'lof'?"),
        (("orders", "--set", "n_estimators=0"), "n_estimators must be a whole number from 1"),
        (("orders", "--set", "trees=10"), "unknown parameter 'trees'"),
        (("orders", "--threshold", "fix:1"), "expected one of false_alarm:RATE"),
    ],
)
def test_a_wrong_request_is_refused_before_prefect_is_started(vigil, orders, words, expected):
    refused = vigil("detect", *words)
    assert refused.code == 1
    assert expected in refused.err
    assert "Prefect" not in refused.err
    assert vigil("detections", "list", "--json").json["total"] == 0
