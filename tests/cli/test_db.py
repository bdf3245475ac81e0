import sqlite3


def test_status_of_a_database_that_is_not_there_creates_none(vigil, vigil_home):
    told = vigil("db", "status", "--json").json
    assert told["revision"] is None
    assert not told["up_to_date"]
    assert (told["size_bytes"], told["tables"]) == (0, {})
    assert not (vigil_home / "vigil.db").exists()
    assert "nothing yet" in vigil("db", "status").out


def test_upgrade_creates_the_tables_once(vigil, vigil_home):
    assert "created at revision" in vigil("db", "upgrade").out
    assert "already" in vigil("db", "upgrade").out
    assert vigil("db", "upgrade", "--json").json["up_to_date"]


def test_status_counts_the_rows_of_every_table(vigil, detect_orders):
    detect_orders()
    told = vigil("db", "status", "--json").json
    assert told["up_to_date"]
    assert told["revision"] == told["latest_revision"]
    assert told["tables"]["source"] == 1
    assert told["tables"]["detection"] == 1
    assert told["tables"]["column_summary"] == 4
    assert told["size_bytes"] > 0
    assert "the latest" in vigil("db", "status").out


def test_status_and_upgrade_work_on_postgres(vigil, postgres_url, monkeypatch):
    monkeypatch.setenv("VIGIL_DATABASE_URL", postgres_url)
    vigil("db", "upgrade")
    told = vigil("db", "status", "--json").json
    assert told["up_to_date"]
    assert told["database"].startswith("PostgreSQL database")
    assert told["size_bytes"] > 0


def test_a_database_from_a_later_version_is_refused_by_every_command(vigil, vigil_home):
    vigil("db", "upgrade")
    with sqlite3.connect(vigil_home / "vigil.db") as connection:
        connection.execute("UPDATE vigil_alembic_version SET version_num = '9999'")
    connection.close()
    for command in (("db", "status"), ("db", "upgrade"), ("detections", "show", "abcdef")):
        refused = vigil(*command)
        assert refused.code == 1
        assert "later version of Vigil" in refused.err
