"""With VIGIL_FILE_ROOTS a source reads what is below them, whatever its path looks like."""

import os
import sqlite3

import pandas as pd
import pytest

from sources.base import ReadLimits
from sources.errors import SourceError
from sources.file_roots import check_store

OUTSIDE = "is outside of the places that may be read: .* VIGIL_FILE_ROOTS"


@pytest.fixture
def places(tmp_path):
    """A folder that may be read and one that may not, each with files of every kind."""
    for name in ("in", "in-secret", "out"):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "a.csv").write_text("a\n1\n")
        (folder / "a.json").write_text('[{"a": 1}]')
        (folder / "a.jsonl").write_text('{"a": 1}\n')
        pd.DataFrame({"a": [1]}).to_parquet(folder / "a.parquet")
        with sqlite3.connect(folder / "a.db") as connection:
            connection.execute("CREATE TABLE t AS SELECT 1 AS a")
        connection.close()
    return tmp_path


@pytest.fixture
def open_file(places, open_source):
    """Return a function that opens a file of any kind by its path, with roots set."""

    def open_file(path, roots=(str(places / "in"),), kind=None):
        limits = ReadLimits(file_roots=roots)
        kind = kind or os.path.splitext(path)[1][1:]
        if kind == "db":
            return open_source("sql", url=f"sqlite:///{path}", table="t", limits=limits)
        return open_source(kind, path=str(path), limits=limits)

    return open_file


KINDS = ["csv", "json", "jsonl", "parquet", "db"]


@pytest.mark.parametrize("kind", KINDS)
def test_files_below_a_root_are_read(places, open_file, kind):
    assert open_file(f"{places}/in/a.{kind}").read()["a"].tolist() == [1]
    assert open_file(f"{places}/out/../in/a.{kind}").read()["a"].tolist() == [1]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("path", ["{0}/out/a", "{0}/in/../out/a", "{0}/in-secret/a"])
def test_files_elsewhere_are_not_read(places, open_file, kind, path):
    with pytest.raises(SourceError, match=OUTSIDE):
        open_file(f"{path.format(places)}.{kind}").read()


@pytest.mark.parametrize("kind", KINDS)
def test_links_that_lead_elsewhere_are_not_followed(places, open_file, kind):
    (places / "in" / f"link.{kind}").symlink_to(places / "out" / f"a.{kind}")
    (places / "in" / "folder").symlink_to(places / "out")
    for path in (f"link.{kind}", f"folder/a.{kind}"):
        with pytest.raises(SourceError, match=OUTSIDE):
            open_file(f"{places}/in/{path}").read()


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "db"])
def test_polls_keep_to_the_roots_too(places, open_poll, kind):
    (places / "in" / f"link.{kind}").symlink_to(places / "out" / f"a.{kind}")
    limits = ReadLimits(file_roots=(str(places / "in"),))
    for path in (f"in/a.{kind}", f"in/link.{kind}", f"out/a.{kind}", f"out/missing.{kind}"):
        fields = {"path": f"{places}/{path}"}
        if kind == "db":
            fields = {"url": f"sqlite:///{places}/{path}", "table": "t", "cursor_column": "a"}
        poller = open_poll("sql" if kind == "db" else kind, limits=limits, **fields)
        if path == f"in/a.{kind}":
            assert len(poller.poll(None, 10).rows) == 1
            continue
        with pytest.raises(SourceError, match=OUTSIDE):
            poller.poll(None, 10)


@pytest.mark.parametrize("kind", KINDS)
def test_tables_that_are_read_in_chunks_keep_to_the_roots_too(places, open_file, kind):
    (places / "in" / f"link.{kind}").symlink_to(places / "out" / f"a.{kind}")
    with open_file(f"{places}/in/a.{kind}").open_table() as table:
        assert [len(chunk) for chunk in table.chunks(10)] == [1]
    for path in (f"in/link.{kind}", f"out/a.{kind}", f"out/missing.{kind}"):
        with pytest.raises(SourceError, match=OUTSIDE):
            open_file(f"{places}/{path}").open_table().__enter__()


def test_a_root_may_be_a_link_itself(places, open_file):
    (places / "root").symlink_to(places / "in")
    assert len(open_file(f"{places}/in/a.csv", (str(places / "root"),)).read()) == 1


def test_a_link_among_the_files_of_a_folder_is_not_followed(places, open_file):
    (places / "in" / "lake").mkdir()
    (places / "in" / "lake" / "b.parquet").symlink_to(places / "out" / "a.parquet")
    with pytest.raises(SourceError, match=OUTSIDE):
        open_file(f"{places}/in/lake", kind="parquet").read()


@pytest.mark.parametrize("protocol", ["file", "local"])
def test_a_local_path_with_a_protocol_is_one_like_others(places, open_file, protocol):
    assert len(open_file(f"{protocol}://{places}/in/a.csv").read()) == 1
    for path in ("out/a.csv", "in/../out/a.csv"):
        with pytest.raises(SourceError, match=OUTSIDE):
            open_file(f"{protocol}://{places}/{path}").read()


@pytest.mark.parametrize(
    "path",
    [
        "memory://x/a.csv",
        "https://example.com/a.csv",
        "simplecache::file://{0}/out/a.csv",
        "zip://a.csv::file://{0}/out/a.zip",
        "s3://lake/inner/a.csv",
        "s3://lake/in/../a.csv",
        "s3://lake/in/%2e%2e/a.csv",
        "s3://lake/in::file://{0}/out/a.csv",
        "s3a://lake/in/a.csv",
        "S3://lake/in/a.csv",
        "FILE://{0}/out/a.csv",
    ],
)
def test_another_store_is_read_only_below_a_root_of_its_own(places, open_file, path):
    with pytest.raises(SourceError, match=OUTSIDE):
        open_file(path.format(places), (str(places / "in"), "s3://lake/in"), kind="csv").read()


@pytest.mark.parametrize("path", ["s3://lake/in", "s3://lake/in/a.csv", "s3://lake/in/b/a.csv"])
def test_a_store_below_a_root_is_opened(path):
    check_store("orders", path, ReadLimits(file_roots=("s3://lake/in/", "s3://lake/in")))


def test_no_root_at_all_means_that_no_file_is_read(places, open_file):
    with pytest.raises(SourceError, match=OUTSIDE):
        open_file(f"{places}/in/a.csv", ()).read()


def test_whether_a_file_elsewhere_exists_is_not_told(places, open_file):
    messages = set()
    for name in ("a.db", "missing.db"):
        with pytest.raises(SourceError) as caught:
            open_file(f"{places}/out/{name}").read()
        messages.add(str(caught.value).replace(name, "?"))
    assert len(messages) == 1


def test_a_database_that_is_a_file_of_its_own_is_refused(open_source):
    reader = open_source(
        "sql", url="mysql+pymysql:///etc/passwd", table="t", limits=ReadLimits(file_roots=("/x",))
    )
    with pytest.raises(SourceError, match="without a host may read any file"):
        reader.read()


@pytest.mark.parametrize("protocol", ["http", "https", "ftp", "sftp", "webhdfs", "github"])
def test_a_store_whose_host_the_source_names_is_refused_where_hosts_are_checked(
    open_source, protocol
):
    reader = open_source(
        "csv", path=f"{protocol}://127.0.0.1/a.csv", limits=ReadLimits(allow_private=False)
    )
    with pytest.raises(SourceError, match="VIGIL_HTTP_ALLOW_PRIVATE is false"):
        reader.read()


def test_a_store_upon_another_is_refused_where_hosts_are_checked(open_source):
    path = "s3://bucket/a.csv::http://127.0.0.1/a.csv"
    reader = open_source("csv", path=path, limits=ReadLimits(allow_private=False))
    with pytest.raises(SourceError, match="VIGIL_HTTP_ALLOW_PRIVATE is false"):
        reader.read()
