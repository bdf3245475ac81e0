"""A backlog worked off page by page by the pollers, against pandas reading the same in chunks."""

import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from time import perf_counter

import numpy as np
import pandas as pd

from benchmarks.options import Options

_PAGE = 10_000


def polling(options: Options) -> pd.DataFrame:
    """Rows a second of two columns, in pages of 10,000; pandas keeps no position between two."""
    n_rows = 100_000 if options.quick else 1_000_000
    frame = pd.DataFrame(
        {"id": np.arange(n_rows), "value": np.random.default_rng(0).normal(size=n_rows)}
    )
    with tempfile.TemporaryDirectory() as folder:
        return pd.DataFrame(
            [
                _line(kind, fields, chunks, n_rows)
                for kind, fields, chunks in _sources(frame, Path(folder))
            ]
        )


def _sources(
    frame: pd.DataFrame, folder: Path
) -> Iterable[tuple[str, dict[str, str], Callable[[], Iterable[pd.DataFrame]]]]:
    csv, jsonl, parquet = (folder / f"rows.{kind}" for kind in ("csv", "jsonl", "parquet"))
    frame.to_csv(csv, index=False)
    yield "csv", {"path": str(csv)}, lambda: pd.read_csv(csv, chunksize=_PAGE)
    jsonl.write_text("".join(f"{json.dumps(row)}\n" for row in frame.to_dict("records")))
    yield "jsonl", {"path": str(jsonl)}, lambda: pd.read_json(jsonl, lines=True, chunksize=_PAGE)
    frame.to_parquet(parquet, index=False)
    yield "parquet", {"path": str(parquet)}, lambda: [pd.read_parquet(parquet)]
    database = folder / "rows.db"
    with sqlite3.connect(database) as connection:
        frame.to_sql("rows", connection, index=False)
        connection.execute("CREATE INDEX by_id ON rows (id)")
        query = "SELECT * FROM rows ORDER BY id"
        address = {"url": f"sqlite:///{database}", "table": "rows"}
        yield "sql", address, lambda: pd.read_sql(query, connection, chunksize=_PAGE)
    connection.close()


def _line(
    kind: str,
    fields: dict[str, str],
    chunks: Callable[[], Iterable[pd.DataFrame]],
    n_rows: int,
) -> dict[str, object]:
    ours = n_rows / _seconds(lambda: _poll(kind, fields), n_rows)
    theirs = n_rows / _seconds(lambda: sum(len(chunk) for chunk in chunks()), n_rows)
    return {
        "kind": kind,
        "vigil rows/s": f"{ours:,.0f}",
        "pandas rows/s": f"{theirs:,.0f}",
        "ratio": round(ours / theirs, 2),
    }


def _seconds(work: Callable[[], int], n_rows: int) -> float:
    started = perf_counter()
    assert work() == n_rows
    return perf_counter() - started


def _poll(kind: str, fields: dict[str, str]) -> int:
    from sources.base import ReadLimits
    from sources.config import parse_source_config
    from sources.pollers import open_poller
    from sources.polling import PollOptions
    from sources.secrets import SecretResolver

    options = PollOptions(cursor_column="id" if kind == "sql" else None)
    poller = open_poller(parse_source_config(kind, fields), options, ReadLimits(), SecretResolver())
    cursor, more, rows = None, True, 0
    while more:
        page = poller.poll(cursor, _PAGE)
        cursor, more, rows = page.next_cursor, page.more, rows + len(page.rows)
    poller.close()
    return rows
