"""Values and types that a frame or Python cannot hold as they are."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet
from sqlalchemy import create_engine, text

from sources.bad_rows import BadRows
from sources.base import ReadLimits
from sources.config import parse_source_config
from sources.errors import SourceError
from sources.readers import open_reader
from sources.secrets import SecretResolver
from tests.sources.following import poll_all, values

BERLIN = timezone(timedelta(hours=2))


def test_a_text_column_of_local_times_is_in_utc(tmp_path, open_poll):
    moment = datetime(2026, 8, 5, 2, 0, tzinfo=BERLIN)
    kind = pa.timestamp("us", "Europe/Berlin")
    table = pa.table({"at": pa.array([moment], kind), "n": [1]})
    parquet.write_table(table, tmp_path / "rows.parquet")
    pages, _ = poll_all(open_poll("parquet", path=str(tmp_path / "rows.parquet")))
    assert values(pages, "at") == [moment.astimezone(UTC).isoformat()]


def test_times_that_python_cannot_hold_cost_their_value(postgres_url, open_source, open_poll):
    engine = create_engine(postgres_url)
    with engine.begin() as connection:
        connection.execute(
            text("create table far (n serial primary key, at timestamptz, day date, span interval)")
        )
        for at in ("2026-08-05 10:00Z", "infinity", "0044-03-15 BC", "12026-01-01 00:00Z"):
            values_of = "cast(:at as timestamptz), cast(:day as date), '300000000 days'"
            statement = f"insert into far (at, day, span) values ({values_of})"
            connection.execute(text(statement), {"at": at, "day": at})
        connection.execute(text("create table odd (n serial primary key, x numeric, y daterange)"))
        connection.execute(text("insert into odd (x, y) values ('NaN', '[2026-01-01,infinity]')"))
    engine.dispose()
    fields = {"url": postgres_url, "table": "far"}
    read = open_source("sql", **fields).read()
    assert str(read["at"].dtype) == "datetime64[us, UTC]"
    assert read["at"].isna().tolist() == read["day"].isna().tolist() == [False, True, True, True]
    assert read["span"].isna().all()
    bad = BadRows("far")
    config = parse_source_config("sql", fields)
    open_reader(config, ReadLimits(), SecretResolver(), bad=bad).read()
    said = "`at` holds 'infinity' in row 2, which lies beyond the values that can be kept"
    assert any(said in notice and "in 3 of these rows" in notice for notice in bad.notices)
    [page], _ = poll_all(open_poll("sql", cursor_column="n", **fields))
    assert page.rows["at"].isna().tolist() == [False, True, True, True]
    assert "`at` holds 'infinity'" in page.notices[0]
    with pytest.raises(SourceError, match=r"`at` holds '0044.* BC', from which no stream can read"):
        poll_all(open_poll("sql", cursor_column="at", **fields))
    odd = open_source("sql", key_columns=("x",), url=postgres_url, table="odd").read()
    assert odd["x"].isna().all()


def test_a_column_whose_values_cannot_be_read_is_named(tmp_path, open_source, open_poll):
    far = pa.array([[10**18], None], pa.list_(pa.timestamp("us")))
    parquet.write_table(pa.table({"far": far, "n": [1, 2]}), tmp_path / "rows.parquet")
    place = {"path": str(tmp_path / "rows.parquet")}
    with pytest.raises(SourceError, match=r"column `far` holds list<.*name the other columns"):
        open_source("parquet", **place).read()
    with pytest.raises(SourceError, match=r"column `far` holds list<.*name the other columns"):
        poll_all(open_poll("parquet", **place))
    assert open_source("parquet", **place).read(["n"])["n"].tolist() == [1, 2]


def test_columns_of_every_arrow_type_are_read(tmp_path, open_source, open_poll):
    table = pa.table(
        {
            "uuid": pa.uuid().wrap_array(pa.array([b"a" * 16], pa.binary(16))),
            "view": pa.array([b"ab"], pa.binary_view()),
            "flag": pa.bool8().wrap_array(pa.array([1], pa.int8())),
            "half": pa.array([np.float16(0.5)]),
            "wide": pa.array([Decimal("1.5")], pa.decimal256(60, 2)),
        }
    )
    parquet.write_table(table, tmp_path / "rows.parquet")
    place = {"path": str(tmp_path / "rows.parquet")}
    [page], _ = poll_all(open_poll("parquet", **place))
    for frame in (open_source("parquet", **place).read(), page.rows):
        assert frame["uuid"].tolist() == ["61616161-6161-6161-6161-616161616161"]
        assert frame["view"].tolist() == ["ab"]
        assert frame[["flag", "half", "wide"]].astype(float).iloc[0].tolist() == [1.0, 0.5, 1.5]
