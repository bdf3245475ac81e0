import pytest

from models.queries.explanations import store_explanations
from models.session import session_scope
from tasks.database import open_engine, utc_now
from tests.models.examples import explanation_row


@pytest.fixture
def explained(vigil, detect_orders):
    """The id of a detection of which rows 5 and 17 are explained."""
    found = detect_orders()
    ordinary = explanation_row(5, is_anomaly=False, score=0.1)
    with session_scope(open_engine()) as session:
        store_explanations(session, found, [explanation_row(17, score=9.0), ordinary], utc_now())
    return str(found)


@pytest.mark.usefixtures("prefect_server")
def test_anomalies_are_explained_shown_and_kept(vigil, detect_orders):
    found = str(detect_orders())
    ran = vigil("explain", found[:8], "--top", "1")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("row 17 (order-17): anomaly, score ")
    assert "amount 500 is unusually high" in ran.out
    assert f"vigil explanations show {found[:8]} 17" in ran.out
    assert "explaining 1 rows" not in ran.out
    assert vigil("explanations", "list", found, "--json").json["total"] == 1


@pytest.mark.usefixtures("prefect_server")
def test_every_option_reaches_the_flow(vigil, detect_orders):
    found = str(detect_orders())
    words = (
        *("--row", "3", "--row", "17", "--key", "order-9", "--background", "20", "--seed", "7"),
        *("--max-features", "1", "--refresh", "--json"),
    )
    document = vigil("explain", found, *words).json
    assert document["detection_id"] == found
    assert document["computed_rows"] == [3, 9, 17]
    assert document["left_out_rows"] == {}
    first, *others = document["explanations"]
    assert (first["row_index"], first["is_anomaly"]) == (17, True)
    assert [one["is_anomaly"] for one in others] == [False, False]
    assert (first["background_size"], first["seed"], first["refitted"]) == (20, 7, False)
    [share] = first["feature_contributions"]
    assert (share["feature"], share["value"], first["feature_count"]) == ("amount", 500.0, 2)
    assert share["contribution"] == share["shap_value"] > 0
    whole = first["base_value"] + first["total_shap"] + first["residual"]
    assert whole == pytest.approx(first["explained_value"])
    assert [one["feature"] for one in document["feature_importance"]] == ["amount"]
    shown = vigil("explanations", "show", found, "17", "--max-features", "1", "--json").json
    assert shown == first


@pytest.mark.usefixtures("prefect_server")
def test_a_detection_explains_at_once_when_asked(vigil, orders):
    ran = vigil("detect", orders, "-a", "statistical", "--explain", "1")
    assert ran.code == 0, ran.err
    found = vigil("detections", "list", "--json").json["items"][0]["id"]
    assert f"vigil explain {found[:8]}" in ran.out
    assert vigil("explanations", "list", found, "--json").json["total"] == 1


@pytest.mark.usefixtures("prefect_server")
def test_a_batch_explains_at_once_when_asked(vigil, orders):
    ran = vigil("batch", orders, "-a", "statistical", "--explain", "1", "--json")
    assert ran.code == 0, ran.err
    [result] = ran.json["results"]
    listed = vigil("explanations", "list", result["detection_id"], "--json").json
    assert listed["total"] == 1


@pytest.mark.usefixtures("prefect_server")
def test_what_cannot_be_explained_is_one_line(vigil, detect_orders):
    found = str(detect_orders())
    refused = vigil("explain", found, "--row", "120")
    assert refused.code == 1
    last = refused.err.splitlines()[-1]
    assert last.startswith(f"vigil: detection {found} has no row 120")
    assert refused.out == ""


def test_a_wrong_detection_is_said_before_prefect_is_started(vigil, orders):
    refused = vigil("explain", "ffffffff")
    assert refused.code == 1
    assert "no detection has the id ffffffff" in refused.err
    assert "Prefect" not in refused.err


@pytest.mark.parametrize(
    "words", [("--top", "0"), ("--top", "1001"), ("--background", "9"), ("--row", "-1")]
)
def test_a_number_out_of_bounds_is_a_misspelt_command(vigil, words):
    assert vigil("explain", "ffffffff", *words).code == 2


def test_explained_rows_are_listed_by_score_with_true_totals(vigil, explained):
    page = vigil("explanations", "list", explained, "--limit", "1", "--json").json
    assert ([one["row_index"] for one in page["items"]], page["total"]) == ([17], 2)
    [item] = vigil("explanations", "list", explained, "--row", "5", "--json").json["items"]
    assert (item["row_index"], item["is_anomaly"]) == (5, False)
    listed = vigil("explanations", "list", explained[:8]).out
    assert "amount 500 is unusually high" in listed
    assert "2 explanations" in listed


def test_an_explanation_is_complete_in_json(vigil, explained):
    document = vigil("explanations", "show", explained, "17", "--json").json
    del document["created_at"]
    assert document == {
        "detection_id": explained,
        "row_index": 17,
        "row_key": "order-17",
        "is_anomaly": True,
        "anomaly_score": 9.0,
        "score_percentile": 99.7,
        "quantity": "score",
        "method": "all coalitions",
        "base_value": 0.4,
        "explained_value": 0.7,
        "total_shap": 0.1 + 0.2,
        "residual": 1e-17,
        "seed": 0,
        "background_size": 100,
        "refitted": False,
        "feature_contributions": [
            {
                "feature": "amount",
                "value": 500.0,
                "shap_value": 0.1 + 0.2,
                "contribution": 0.1 + 0.2,
                "encoded_value": 500.0,
                "typical_low": 41.7,
                "typical_high": 58.2,
                "direction": "unusually high",
            }
        ],
        "feature_count": 1,
        "summary": "amount 500 is unusually high",
    }


def test_an_explanation_is_shown_with_how_it_adds_up(vigil, explained):
    shown = vigil("explanations", "show", explained[:8], "17").out
    assert shown.startswith("row 17 (order-17): anomaly, score 9\n")
    assert "base 0.4 + contributions +0.3 + residual +1e-17 = 0.7" in shown
    assert "all coalitions (exact)" in shown


def test_contributions_to_something_other_than_the_score_say_so(vigil, detect_orders):
    found = detect_orders()
    paths = explanation_row(17, quantity="minus mean path length")
    with session_scope(open_engine()) as session:
        store_explanations(session, found, [paths], utc_now())
    shown = vigil("explanations", "show", str(found), "17").out
    assert "contribution to minus mean path length" in shown


def test_features_beyond_those_shown_are_summed_up(vigil, detect_orders):
    found = detect_orders()
    share = explanation_row(17).contributions[0]
    sizes = {"a": 3.0, "b": -2.0, "c": 1.0}
    three = [share | {"feature": name, "contribution": x} for name, x in sizes.items()]
    with session_scope(open_engine()) as session:
        store_explanations(session, found, [explanation_row(17, contributions=three)], utc_now())
    shown = vigil("explanations", "show", str(found), "17", "--max-features", "1").out
    assert "2 more features -1; all with --max-features 3" in shown


def test_what_is_not_explained_is_said_with_what_to_do(vigil, explained, detect_orders):
    other = str(detect_orders())
    assert f"start with vigil explain {other[:8]}" in vigil("explanations", "list", other).out
    refused = vigil("explanations", "show", explained, "6")
    assert refused.code == 1
    assert f"vigil explain {explained} --row 6" in refused.err
