"""Two workers on one PostgreSQL: each has a stream and a batch, and one of them is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
import yaml

from models.clock import read_clock
from models.queries.points import find_checkpoint
from models.queries.stream_life import pause_stream
from models.session import session_scope
from settings import get_settings
from tasks.database import open_engine
from tests.e2e.conftest import HELD, Results
from tests.e2e.stack import ROOT, eventually
from tests.flows.failures import register
from tests.flows.streams import add_stream, alerts_of, the_stream, write_rows
from tests.models.conftest import postgres_schema

N_ROWS = 2000
ODD = tuple(range(150, 2 * N_ROWS, 101))
PATIENCE = 120.0  # seconds, on a machine that has other things to do
# What the first machine has done, and what is left, when it fails.
HALFWAY = {"orders": "success", "held-1": "running", "held-2": "running", "held-3": "pending"}


@dataclass(frozen=True)
class Scene:
    """What the runs on the two workers were at when one of them was killed.

    Attributes:
        workers: process id of the worker of each run that was begun before.
        killed: the streams and the batch that the killed worker had.
    """

    first: int
    second: int
    workers: dict[str, int]
    lost_stream: str
    kept_stream: str
    lost_batch: UUID
    kept_batch: UUID
    lost_batch_run: str
    orders_done_at: Any
    later_stream_run: str


@pytest.fixture(scope="module")
def database(postgres_url, tmp_path_factory) -> Iterator[dict[str, str]]:
    """A database on PostgreSQL, as the environment of this process and of workers names it."""
    with postgres_schema(postgres_url) as url, pytest.MonkeyPatch.context() as environment:
        variables = {
            "VIGIL_DATABASE_URL": url,
            "VIGIL_SIGNING_KEY": "the same on all machines " * 2,
        }
        for name, value in variables.items():
            environment.setenv(name, value)
        get_settings.cache_clear()
        yield variables
        open_engine().dispose()
    get_settings.cache_clear()


@pytest.fixture(scope="module")
def results(database) -> Results:
    return Results(database["VIGIL_DATABASE_URL"])


@pytest.fixture(scope="module")
def feed(database, held_server, tmp_path_factory):
    """Streams ``north`` and ``south`` of the same rows, and sources for batches."""
    folder = tmp_path_factory.mktemp("sources")
    orders = pd.DataFrame(np.random.default_rng(0).normal(size=(100, 3)), columns=list("abc"))
    orders.to_csv(folder / "orders.csv", index=False)
    register("orders", "csv", path=str(folder / "orders.csv"))
    for name in HELD:
        register(name, "http", url=f"{held_server.url}/{name}")
    path = folder / "feed.csv"
    write_rows(path, 0, N_ROWS, ODD)
    for name in ("north", "south"):
        add_stream(name, path, page_limit=10)
    return path


@contextmanager
def as_documented(stack):
    """Two batches at once, and the automation that has them taken over."""
    batch = f"/deployments/{stack.deployment('batch')['id']}"
    automation = yaml.safe_load((ROOT / "docs/automations/resume_batches.yaml").read_text())
    created = stack.api.post("/automations/", json=automation)
    assert created.status_code == 201, created.text
    assert stack.api.patch(batch, json={"concurrency_limit": 2}).is_success
    yield
    stack.api.patch(batch, json={"concurrency_limit": 1})
    stack.api.delete(f"/automations/{created.json()['id']}")


@pytest.fixture(scope="module")
def scene(stack, results, database, held_server, feed, tmp_path_factory) -> Iterator[Scene]:
    def start_machine(name, *options):
        home = tmp_path_factory.mktemp(name)
        return stack.start_worker(*options, VIGIL_HOME=str(home), **database)

    def begin_runs(sources):
        stream = stack.start_run("stream", {"max_streams": 1, "run_for": 900})
        batch = stack.start_run("batch", {"sources": sources, "max_workers": 2})
        holds = eventually("the stream is taken", lambda: held_by(stream), PATIENCE)
        found = eventually("the batch begins", lambda: results.batch_of(batch), PATIENCE)
        return stream, batch, holds, found.id

    stack.stop_workers()
    held_server.released.clear()
    with as_documented(stack):
        first = start_machine("first", "--limit", "2")
        lost_run, lost_batch_run, lost_stream, lost_batch = begin_runs([*HALFWAY])
        second = start_machine("second")
        kept_run, kept_batch_run, kept_stream, kept_batch = begin_runs(HELD[:1])
        runs = (lost_run, lost_batch_run, kept_run, kept_batch_run)
        workers = {run: stack.worker_of(run) for run in runs}
        eventually("half is done", lambda: results.statuses(lost_batch) == HALFWAY, PATIENCE)
        orders_done_at = results.detections(lost_batch)["orders"].completed_at
        eventually("all rows are seen", lambda: rows_seen(lost_stream) == N_ROWS, PATIENCE)
        write_rows(feed, N_ROWS, N_ROWS, ODD)
        eventually("more is seen", lambda: rows_seen(lost_stream) > N_ROWS + 100, PATIENCE)

        stack.kill_worker(lost_run)
        crashed = {"state": {"type": "CRASHED"}, "force": True}  # as crashed_runs.yaml does
        assert stack.api.post(f"/flow_runs/{lost_batch_run}/set_state", json=crashed).is_success
        held_server.released.set()
        eventually("its lease has run out", lambda: is_free(lost_stream), PATIENCE)
        later = stack.start_run("stream", {"run_for": 900})
        yield Scene(
            first,
            second,
            workers,
            lost_stream,
            kept_stream,
            lost_batch,
            kept_batch,
            lost_batch_run,
            orders_done_at,
            later,
        )
        with session_scope(open_engine()) as session:
            for name in ("north", "south"):
                pause_stream(session, the_stream(name).id)
        for run in (kept_run, later):
            stack.wait_for_end(run)
        stack.stop_workers()
    stack.start_worker()


def held_by(flow_run_id: str) -> str | None:
    streams = {name: the_stream(name) for name in ("north", "south")}
    held = (name for name, one in streams.items() if str(one.flow_run_id) == flow_run_id)
    return next(held, None)


def is_free(name: str) -> bool:
    with session_scope(open_engine(), writes=False) as session:
        return not the_stream(name).is_held(read_clock(session))


def rows_seen(name: str) -> int:
    with session_scope(open_engine(), writes=False) as session:
        checkpoint = find_checkpoint(session, the_stream(name).id)
    return 0 if checkpoint is None else checkpoint.rows_seen


def test_each_worker_has_a_stream_and_a_batch_at_the_same_time(scene):
    assert [*scene.workers.values()] == [scene.first] * 2 + [scene.second] * 2
    assert {scene.lost_stream, scene.kept_stream} == {"north", "south"}


def test_the_other_worker_takes_the_stream_over_and_no_alert_is_lost_or_raised_twice(scene, stack):
    def all_seen():
        return rows_seen("north") == rows_seen("south") == 2 * N_ROWS

    eventually("both have seen all rows", all_seen, PATIENCE)
    assert str(the_stream(scene.lost_stream).flow_run_id) == scene.later_stream_run
    assert stack.worker_of(scene.later_stream_run) == scene.second
    alerts = {
        name: [(alert.sequence, alert.row_key, alert.score) for alert in alerts_of(name)]
        for name in (scene.lost_stream, scene.kept_stream)
    }
    assert alerts[scene.lost_stream] == alerts[scene.kept_stream]
    assert {str(row) for row in ODD} <= {key for _, key, _ in alerts[scene.lost_stream]}


def test_the_other_worker_takes_the_batch_over_and_runs_just_what_is_missing(scene, results):
    def taken_over():
        batch = results.batch(scene.lost_batch)
        return (
            batch if str(batch.flow_run_id) != scene.lost_batch_run and batch.completed_at else None
        )

    batch = eventually("the batch is taken over", taken_over, PATIENCE)
    assert batch.status == "success"
    done = results.detections(scene.lost_batch)
    assert {one.status.value for one in done.values()} == {"success"}
    assert done["orders"].completed_at == scene.orders_done_at
    assert {name for name, one in done.items() if one.flow_run_id == batch.flow_run_id} == {*HELD}


def test_the_batch_of_the_other_worker_is_not_disturbed(scene, results):
    def ended():
        batch = results.batch(scene.kept_batch)
        return batch if batch.completed_at else None

    assert eventually("it ends", ended, PATIENCE).status == "success"
