import pytest


def test_a_source_is_added_listed_shown_and_removed(vigil, orders, orders_file):
    listed = vigil("sources", "list").out
    assert "orders" in listed
    assert str(orders_file) in listed
    assert "1 source" in listed
    shown = vigil("sources", "show", orders).out
    assert "key columns" in shown
    assert "no detection" in shown
    removed = vigil("sources", "remove", orders, "--yes")
    assert removed.code == 0
    assert "No source yet" in vigil("sources", "list").out
    assert orders_file.exists()


def test_a_relative_path_starts_at_the_current_folder(vigil, orders_file, monkeypatch):
    monkeypatch.chdir(orders_file.parent)
    added = vigil("sources", "add", "here", "--kind", "csv", "--set", "path=orders.csv", "--json")
    assert added.json["config"] == {"path": str(orders_file)}


def test_settings_are_read_as_the_kind_wants_them(vigil):
    words = (
        *("--set", "url=https://example.com/{env:TENANT}/orders"),
        *("--set", "records=data.items"),
        *("--set", "headers.Authorization=Bearer {env:TOKEN}"),
        *("--set", "params.since=2024-01-01"),
        *("--set", "params.page_size=100"),
        *("--set", "max_pages=7"),
    )
    added = vigil("sources", "add", "feed", "--kind", "http", *words, "--json")
    assert added.json["config"] == {
        "url": "https://example.com/{env:TENANT}/orders",
        "records": "data.items",
        "headers": {"Authorization": "Bearer {env:TOKEN}"},
        "params": {"since": "2024-01-01", "page_size": "100"},
        "max_pages": 7,
    }
    assert "headers.Authorization  Bearer {env:TOKEN}" in vigil("sources", "show", "feed").out


def test_everything_said_of_a_source_comes_back_as_json(vigil):
    words = (
        *("--set", "path=/data/o.csv", "-k", "shop", "-k", "id", "-c", "amount"),
        *("--cursor-column", "at", "--label-column", "fraud"),
        *("-t", "eu", "-t", "daily", "--description", "Orders of all shops"),
    )
    vigil("sources", "add", "orders", "--kind", "csv", *words)
    shown = vigil("sources", "show", "orders", "--json").json
    assert shown["key_columns"] == ["shop", "id"]
    assert shown["columns"] == ["amount"]
    assert (shown["cursor_column"], shown["label_column"]) == ("at", "fraud")
    assert shown["tags"] == ["eu", "daily"]
    assert shown["description"] == "Orders of all shops"
    assert (shown["detection_count"], shown["anomaly_count"]) == (0, 0)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("Orders EU", "--kind", "csv", "--set", "path=o.csv"), "orders-eu"),
        (("orders", "--kind", "cvs", "--set", "path=o.csv"), "did you mean `csv`?"),
        (("orders", "--kind", "csv", "--set", "pth=o.csv"), "did you mean `path`?"),
        (("orders", "--kind", "csv"), "`path` is missing"),
        (("orders", "--kind", "csv", "--set", "path"), "expected name=value"),
        (("orders", "--kind", "csv", "--set", "path=a", "--set", "path=b"), "path is given twice"),
        (
            ("orders", "--kind", "sql", "--set", "url=postgresql://u:hunter2@h/d"),
            "write {env:NAME}",
        ),
    ],
)
def test_a_wrong_declaration_is_refused_with_what_was_expected(vigil, words, expected):
    refused = vigil("sources", "add", *words)
    assert refused.code == 1
    assert expected in refused.err
    assert "hunter2" not in refused.err
    assert vigil("sources", "list", "--json").json["total"] == 0


def test_a_name_is_registered_once(vigil, orders):
    again = vigil("sources", "add", orders, "--kind", "csv", "--set", "path=other.csv")
    assert again.code == 1
    assert "registered already" in again.err


def test_lists_are_pages_with_true_totals(vigil):
    for name in ("a", "b", "c"):
        vigil("sources", "add", name, "--kind", "csv", "--set", "path=o.csv", "-t", f"is-{name}")
    page = vigil("sources", "list", "--offset", "1", "--limit", "1", "--json").json
    assert [source["name"] for source in page["items"]] == ["b"]
    assert (page["offset"], page["limit"], page["total"]) == (1, 1, 3)
    assert (
        "2 to 2 of 3 sources; more with --offset 2"
        in vigil("sources", "list", "--offset", "1", "--limit", "1").out
    )
    assert vigil("sources", "list", "--tag", "is-c", "--json").json["total"] == 1


def test_removing_says_what_goes_with_it_and_asks(vigil, orders, detect_orders):
    detect_orders()
    refused = vigil("sources", "remove", orders)
    assert refused.code == 1
    assert "1 detection with" in refused.err
    assert "--yes" in refused.err
    assert vigil("detections", "list", "--json").json["total"] == 1
    removed = vigil("sources", "remove", orders, "--yes", "--json").json
    assert removed["name"] == orders
    assert removed["detection_count"] == 1
    assert vigil("detections", "list", "--json").json["total"] == 0


def test_removing_an_unknown_source_offers_similar_names(vigil, orders):
    wrong = vigil("sources", "remove", "order", "--yes")
    assert wrong.code == 1
    assert "did you mean 'orders'?" in wrong.err
