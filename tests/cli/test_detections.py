from uuid import uuid4


def test_detections_are_listed_the_latest_first(vigil, detect_orders):
    first, second = detect_orders(), detect_orders("ecod")
    page = vigil("detections", "list", "--json").json
    assert [item["id"] for item in page["items"]] == [str(second), str(first)]
    listed = vigil("detections", "list").out
    assert second.hex[:8] in listed
    assert "2 detections" in listed


def test_lists_are_filtered_and_paged_with_true_totals(vigil, detect_orders, failed_detection):
    detect_orders()
    detect_orders("ecod")
    page = vigil("detections", "list", "--limit", "1", "--offset", "1", "--json").json
    assert (len(page["items"]), page["offset"], page["limit"], page["total"]) == (1, 1, 1, 3)
    for words, total in (
        (("--algorithm", "ecod"), 1),
        (("--status", "error"), 1),
        (("--status", "success"), 2),
        (("--source", "orders"), 3),
    ):
        assert vigil("detections", "list", *words, "--json").json["total"] == total


def test_a_filter_that_names_nothing_is_an_error_and_not_an_empty_list(vigil, orders):
    assert "no source is named 'order'" in vigil("detections", "list", "--source", "order").err
    assert "unknown algorithm" in vigil("detections", "list", "--algorithm", "lov").err
    assert vigil("detections", "list", "--status", "done").code == 2


def test_the_first_digits_of_an_id_are_enough(vigil, detect_orders):
    detection = detect_orders()
    shown = vigil("detections", "show", detection.hex[:8])
    assert shown.code == 0
    assert str(detection) in shown.out


def test_a_detection_shows_what_stands_out_and_why(vigil, detect_orders):
    shown = vigil("detections", "show", str(detect_orders())).out
    headline, *_ = shown.splitlines()
    assert "of 120 rows" in headline
    assert "orders" in headline
    assert "(false_alarm:0.01)" in shown
    assert "order-17" in shown
    assert "amount 500" in shown
    assert "2 watched, 1 left out: city (" in shown


def test_anomalies_are_paged_with_their_true_total(vigil, detect_orders):
    detection = detect_orders(rate=0.3).hex[:8]
    document = vigil("detections", "show", detection, "--anomalies", "2", "--json").json
    total = document["anomaly_count"]
    assert total > 4
    assert [row["rank"] for row in document["anomalies"]] == [1, 2]
    words = ("--anomalies", "2", "--offset", "2")
    further = vigil("detections", "show", detection, *words, "--json").json
    assert [row["rank"] for row in further["anomalies"]] == [3, 4]
    assert (further["anomalies_offset"], further["anomalies_limit"]) == (2, 2)
    told = vigil("detections", "show", detection, *words).out
    assert f"3 to 4 of {total} anomalies; more with vigil detections show" in told
    assert told.rstrip().endswith("--offset 4")


def test_the_strongest_anomaly_is_complete_in_json(vigil, detect_orders):
    document = vigil("detections", "show", str(detect_orders()), "--json").json
    strongest = document["anomalies"][0]
    assert strongest["row_index"] == 17
    assert strongest["row_key"] == "order-17"
    assert strongest["anomaly_score"] > document["threshold"]
    assert strongest["column_values"]["amount"] == 500.0
    assert strongest["standouts"]["amount"] > 3.5
    assert document["columns_analyzed"] == ["amount", "items"]
    assert {summary["column"] for summary in document["column_summaries"]} >= {"amount", "city"}


def test_the_latest_detection_of_a_source_is_shown(vigil, detect_orders, failed_detection):
    success = detect_orders()
    assert vigil("detections", "latest", "orders", "--json").json["id"] == str(success)
    failed = vigil("detections", "latest", "orders", "--status", "error", "--json").json
    assert failed["id"] == str(failed_detection)


def test_a_failed_detection_shows_its_error(vigil, failed_detection):
    shown = vigil("detections", "show", str(failed_detection))
    assert shown.code == 0
    assert "orders: SourceError: the file is gone" in shown.out
    document = vigil("detections", "show", str(failed_detection), "--json").json
    assert (document["status"], document["error_message"]) == ("error", "the file is gone")
    assert document["anomalies"] == []


def test_a_source_without_a_detection_says_what_to_run(vigil, orders):
    missing = vigil("detections", "latest", orders)
    assert missing.code == 1
    assert "vigil detect" in missing.err
    assert "vigil detect SOURCE" in vigil("detections", "list").out


def test_deleting_says_what_goes_with_it_and_asks(vigil, detect_orders):
    detection = str(detect_orders())
    refused = vigil("detections", "delete", detection)
    assert refused.code == 1
    assert "column summaries, fitted detector and explanations" in refused.err
    assert "--yes" in refused.err
    deleted = vigil("detections", "delete", detection, "--yes", "--json").json
    assert deleted["id"] == detection
    assert deleted["anomaly_count"] >= 1
    assert vigil("detections", "show", detection).code == 1


def test_an_unknown_id_is_named(vigil, orders):
    unknown = str(uuid4())
    assert unknown in vigil("detections", "show", unknown).err
    assert "hexadecimal digits" in vigil("detections", "show", "wine").err
