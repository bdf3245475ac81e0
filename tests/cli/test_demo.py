import pytest

pytestmark = pytest.mark.usefixtures("prefect_server")

TABLES = ("breast-cancer", "wine", "digits")


def test_the_demo_works_twice_and_compares_with_what_is_known(vigil, tmp_path):
    folder = str(tmp_path / "demo")
    for _ in range(2):
        ran = vigil("demo", "--folder", folder, "--json")
        assert ran.code == 0, ran.err
        assert [item["source_name"] for item in ran.json["items"]] == list(TABLES)
        assert all(item["status"] == "success" for item in ran.json["items"])
        assert all(item["auroc"] > 0.7 for item in ran.json["items"])
    assert vigil("sources", "list", "--json").json["total"] == 3
    assert vigil("detections", "list", "--json").json["total"] == 6


def test_a_table_that_fails_leaves_the_others_and_ends_with_1(vigil, tmp_path, monkeypatch):
    monkeypatch.setenv("VIGIL_READ_MAX_BYTES", "100000")
    ran = vigil("demo", "--folder", str(tmp_path / "demo"))
    assert ran.code == 1
    assert "vigil: digits: " in ran.err
    rows = {line.split()[0]: line.split()[1:] for line in ran.out.splitlines() if line}
    assert rows["digits"] == ["failed"]
    assert len(rows["wine"]) == 6
    assert "Try next" not in ran.out
