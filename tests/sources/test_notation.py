"""Texts are read as the settings of a source say, alike by every kind of reader and poller."""

import json
import sqlite3
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from sources.base import ReadLimits
from sources.config import CsvConfig, parse_source_config
from sources.errors import SourceError
from sources.notation import Notation
from sources.readers import open_reader
from sources.secrets import SecretResolver

GERMAN = {"decimal": ",", "thousands": ".", "date_format": "%d.%m.%Y"}
AMOUNTS = ["2.402,38", "12,50", "-1.000", None, "N/A", "99.999,00"]
NUMBERS = [2402.38, 12.5, -1000.0, None, None, 99999.0]
DAYS = ["31.12.2025", "01.01.2026", "02.01.2026", "03.01.2026", "04.01.2026", "05.01.2026"]
KINDS = ["csv", "json", "jsonl", "parquet", "sql", "http"]


@pytest.fixture
def written(tmp_path, http_server):
    """Return a function that writes columns of text as a source of a kind, with its fields."""

    def written(kind: str, columns: dict[str, list[object]]) -> dict[str, object]:
        path = tmp_path / f"rows.{kind}"
        frame = pd.DataFrame(columns, dtype=object)
        records = [
            dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True)
        ]
        if kind == "csv":
            frame.to_csv(path, index=False, sep=";")
        elif kind == "json":
            path.write_text(json.dumps(records))
        elif kind == "jsonl":
            path.write_text("".join(f"{json.dumps(record)}\n" for record in records))
        elif kind == "parquet":
            parquet.write_table(pa.table(columns), path)
        elif kind == "sql":
            with sqlite3.connect(path) as connection:
                connection.execute(f"CREATE TABLE t ({', '.join(columns)})")
                marks = ", ".join("?" * len(columns))
                connection.executemany(f"INSERT INTO t VALUES ({marks})", frame.values.tolist())
            connection.close()
            return {"url": f"sqlite:///{path}", "table": "t"}
        else:
            http_server.answer("/rows", records)
            return {"url": f"{http_server.url}/rows"}
        return {"path": str(path), **({"delimiter": ";"} if kind == "csv" else {})}

    return written


def plain(series: pd.Series) -> list[object]:
    return [None if gap else at for at, gap in zip(series.tolist(), series.isna(), strict=True)]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("memory_cells", [1, 10**6])
def test_amounts_and_dates_are_read_by_the_settings_whatever_the_source(
    kind, memory_cells, written, open_source
):
    fields = written(kind, {"betrag": AMOUNTS, "tag": DAYS, "wort": ["a", "b", "c", "d", "e", "f"]})
    limits = ReadLimits(memory_cells=memory_cells)
    reader = open_source(kind, limits=limits, **fields, **GERMAN)
    for columns in (None, ["betrag", "tag", "wort"]):
        with reader.open_table(columns) as table:
            frames = [reader.read(columns), table.whole(), pd.concat(table.chunks(2))]
        for frame in frames:
            assert plain(frame["betrag"]) == NUMBERS
            assert frame["tag"].dt.strftime("%Y-%m-%d").tolist()[:2] == ["2025-12-31", "2026-01-01"]
            assert frame["wort"].tolist() == ["a", "b", "c", "d", "e", "f"]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "sql", "http"])
def test_a_stream_reads_amounts_by_the_settings_whatever_the_source(kind, written, open_poll):
    fields = written(kind, {"at": list(range(6)), "betrag": AMOUNTS})
    poller = open_poll(kind, cursor_column="at", **fields, **GERMAN)
    first = poller.poll(None, 2)
    second = poller.poll(first.next_cursor, 10)
    assert plain(pd.concat([first.rows, second.rows])["betrag"]) == NUMBERS
    assert (first.notices, second.notices) == ((), ())


@pytest.mark.parametrize(
    ("settings", "texts", "numbers"),
    [
        ({"thousands": ","}, ["1,234.56", "12.5", "12,34,567"], [1234.56, 12.5, 1234567]),
        ({"thousands": " "}, ["1 234", "1\u00a0234", "1\u202f234", "1\u2009234"], [1234] * 4),
        ({"thousands": "'"}, ["1'234.5", "1\u2019234"], [1234.5, 1234]),
        ({"strip": ["$"], "thousands": ","}, ["$1,234.5", "-$2", "$-3", "4"], [1234.5, -2, -3, 4]),
        ({"strip": ["EUR", "€"], "decimal": ","}, ["12,5 EUR", "€ 3,25"], [12.5, 3.25]),
        ({"strip": ["%"]}, ["12%", "13 %", "14.5"], [12, 13, 14.5]),
        ({"negatives": "parentheses", "strip": ["$"]}, ["($2.50)", "$3", "(4)"], [-2.5, 3, -4]),
        ({"negatives": "trailing"}, ["2.5-", "3"], [-2.5, 3]),
        (
            {"decimal": "."},
            [" 1.5 ", "+2", "\u22123", "1e3", ".5", "5."],
            [1.5, 2, -3, 1000, 0.5, 5],
        ),
    ],
)
def test_each_setting_reads_its_notation(settings, texts, numbers):
    notation = Notation(parse_source_config("csv", {"path": "a.csv", **settings}))
    assert notation.numbers(pa.array(texts)).to_pylist() == numbers


@pytest.mark.parametrize(
    "text", ["1.5", "12.34", "1.2.3", "abc", "1,2,3", "", "--1", "0x1F", "1_0"]
)
def test_what_does_not_fit_the_settings_is_no_number(text):
    notation = Notation(CsvConfig(path="a.csv", decimal=",", thousands="."))
    assert notation.numbers(pa.array([text])).to_pylist() == [None]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "sql"])
@pytest.mark.parametrize("odd", ["1.5", "n.v."])
def test_a_value_that_does_not_fit_the_settings_is_named_with_its_row(
    kind, odd, written, open_source
):
    fields = written(kind, {"betrag": ["2,5", "3,5", odd, "4,5"]})
    reader = open_source(kind, **fields, decimal=",")
    problem = f"column `betrag`: row 2 holds '{odd}', which does not fit `decimal: \",\"`"
    with pytest.raises(SourceError, match=problem):
        reader.read(["betrag"])
    assert reader.read()["betrag"].tolist() == ["2,5", "3,5", odd, "4,5"]


def test_a_wrong_setting_is_refused_where_the_numbers_are_plain(written, open_source):
    fields = written("csv", {"a": ["1234.56", "2.5"]})
    with pytest.raises(SourceError, match=r"row 0 holds '1234\.56', which does not fit"):
        open_source("csv", **fields, decimal=",").read(["a"])


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"thousands": "."}, r"`thousands` must differ from `decimal`, which is '\.': set both"),
        ({"decimal": ",", "thousands": ","}, "`thousands` must differ from `decimal`"),
        ({"decimal": ";"}, "`decimal`: expected '.' or ','"),
        ({"date_format": "dd.mm.yyyy"}, "`date_format`: expected codes of strptime, e.g. %d.%m.%Y"),
        ({"date_format": "%Q"}, "`date_format`: expected codes of strptime"),
        ({"strip": [""]}, "`strip.0`: expected at least 1 character"),
    ],
)
def test_settings_that_read_nothing_are_refused(settings, problem):
    for kind, place in (("csv", {"path": "a"}), ("http", {"url": "http://a"})):
        with pytest.raises(SourceError, match=problem):
            parse_source_config(kind, {**place, **settings})


def test_the_earlier_name_of_decimal_is_still_read(tmp_path, open_source):
    (tmp_path / "a.csv").write_text('a\n"2,5"\n"3,5"\n')
    reader = open_source("csv", path=str(tmp_path / "a.csv"), decimal_point=",")
    assert reader.read()["a"].tolist() == [2.5, 3.5]


def test_days_that_are_whole_numbers_are_read_by_a_date_format(written, open_source):
    fields = written("csv", {"day": [20251231, 20260101], "n": [20251341, 5]})
    frame = open_source("csv", **fields, date_format="%Y%m%d").read()
    assert [str(day.date()) for day in frame["day"]] == ["2025-12-31", "2026-01-01"]
    assert frame["n"].tolist() == [20251341, 5]


def test_times_of_day_and_zones_are_read_by_a_date_format(written, open_source):
    fields = written("jsonl", {"at": ["14:30", "08:15"]})
    assert open_source("jsonl", **fields, date_format="%H:%M").read()["at"].dt.hour.tolist() == [
        14,
        8,
    ]
    fields = written("jsonl", {"at": ["31/Dec/2025:14:30:00 +0200"]})
    frame = open_source("jsonl", **fields, date_format="%d/%b/%Y:%H:%M:%S %z").read()
    assert str(frame["at"][0]) == "2025-12-31 12:30:00+00:00"


def test_settings_and_null_words_leave_key_columns_alone(written):
    fields = written("jsonl", {"id": ["1.234", "NA", "5"], "betrag": ["1.234", "2", "5"]})
    config = parse_source_config("jsonl", {**fields, "decimal": ",", "thousands": "."})
    reader = open_reader(config, ReadLimits(), SecretResolver(), keys=["id"])
    with reader.open_table(["betrag"]) as table:
        for frame in (reader.read(["betrag"]), table.whole()):
            assert frame["id"].tolist() == ["1.234", "NA", "5"]
            assert frame["betrag"].tolist() == [1234, 2, 5]


@pytest.mark.parametrize("kind", ["csv", "json", "jsonl", "sql", "http"])
@pytest.mark.parametrize("word", ["N/A", "#N/A", "None", "NaN", "null", "", "n/a"])
def test_a_word_for_no_value_leaves_a_column_of_numbers_one(kind, word, written, open_source):
    fields = written(kind, {"a": [1.5, word, 9999.0], "b": [1, 2, 3]})
    frame = open_source(kind, **fields).read()
    assert plain(frame["a"]) == [1.5, None, 9999.0]


@pytest.mark.parametrize("kind", ["sql", "jsonl"])
def test_a_word_for_no_value_that_fills_a_batch_leaves_a_column_of_numbers_one(
    kind, written, open_source
):
    fields = written(kind, {"a": ["N/A"] * 10_000 + [1.5] * 5})
    reader = open_source(kind, **fields)
    with reader.open_table() as table:
        for frame in (reader.read(), pd.concat(table.chunks(3000))):
            assert frame["a"].isna().sum() == 10_000
            assert frame["a"].sum() == 7.5


def test_a_word_for_no_value_is_a_category_among_words(written, open_source):
    fields = written("jsonl", {"country": ["DE", "NA", "AT"], "n": [1, 2, 3]})
    assert open_source("jsonl", **fields).read()["country"].tolist() == ["DE", "NA", "AT"]


@pytest.mark.parametrize("kind", ["json", "jsonl", "parquet", "sql", "http"])
def test_words_for_no_value_are_missing_among_texts_that_are_numbers(kind, written, open_source):
    fields = written(kind, {"price": ["94.93", "N/A", "95.1"]})
    assert plain(open_source(kind, **fields).read(["price"])["price"]) == ["94.93", None, "95.1"]


def test_own_words_for_no_value_replace_the_usual_ones(written, open_source):
    fields = written("sql", {"a": [1.5, "-", "?"]})
    frame = open_source("sql", **fields, null_values=["-", "?"]).read()
    assert plain(frame["a"]) == [1.5, None, None]


@pytest.mark.parametrize("kind", ["csv", "jsonl", "sql", "http"])
def test_a_stream_takes_numbers_that_are_texts_in_a_column_that_is_named(kind, written, open_poll):
    fields = written(kind, {"at": [1, 2, 3], "price": ["94.93", "95.1", "N/A"]})
    poller = open_poll(kind, columns=("price",), cursor_column="at", **fields)
    page = poller.poll(None, 10)
    assert plain(page.rows["price"]) == [94.93, 95.1, None]
    assert page.notices == ()


@pytest.mark.parametrize("kind", ["jsonl", "sql", "http"])
def test_an_odd_text_among_the_first_numbers_of_a_stream_costs_only_itself(
    kind, written, open_poll
):
    fields = written(kind, {"at": [1, 2, 3], "cpu": [1.5, "broken", 3.5]})
    page = open_poll(kind, cursor_column="at", **fields).poll(None, 10)
    assert plain(page.rows["cpu"]) == [1.5, None, 3.5]
    assert "column `cpu` has held numbers so far, and holds 'broken' here" in page.notices[0]
    assert "`null_values`" in page.notices[0]


def test_odd_values_of_a_page_are_said_together_with_the_place_of_the_first(tmp_path, open_poll):
    path = Path(tmp_path / "a.csv")
    path.write_text("a\n" + "1\n" * 3 + "x\ny\n2\n")
    poller = open_poll("csv", path=str(path))
    page = poller.poll(poller.poll(None, 3).next_cursor, 10)
    assert plain(page.rows["a"]) == [None, None, 2]
    assert len(page.notices) == 1
    assert "line 5: column `a`" in page.notices[0]
    assert "holds 'x' here and 1 more in later rows" in page.notices[0]
