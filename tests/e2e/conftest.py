"""One server, one worker and a few sources for all tests from end to end."""

from collections.abc import Iterator
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
import yaml

from models.queries.batches import get_batch, list_batch_results, list_batches
from models.queries.detections import list_detections
from models.schema import open_database
from models.session import session_scope
from models.tables.batch import Batch
from models.tables.detection import Detection
from tests.e2e.held_server import HeldServer
from tests.e2e.stack import Stack

HELD = ["held-1", "held-2", "held-3"]


@pytest.fixture(scope="session")
def held_server() -> Iterator[HeldServer]:
    with HeldServer().running() as server:
        yield server


@pytest.fixture
def held(held_server) -> Iterator[HeldServer]:
    """The sources of this server answer when the test says so."""
    held_server.released.clear()
    yield held_server
    held_server.released.set()


@pytest.fixture(scope="session")
def stack(tmp_path_factory, held_server) -> Iterator[Stack]:
    folder = tmp_path_factory.mktemp("stack")
    stack = Stack(folder)
    try:
        stack.vigil("sources", "apply", str(_write_sources(folder, held_server)))
        stack.start()
        yield stack
    finally:
        stack.stop()


@pytest.fixture(scope="session")
def results(stack) -> "Results":
    return Results(f"sqlite:///{stack.vigil_home / 'vigil.db'}")


class Results:
    """What Vigil's own database holds."""

    def __init__(self, url: str) -> None:
        self._engine = open_database(url)

    def batch_of(self, flow_run_id: str) -> Batch | None:
        """Return the batch of a flow run, or None if it has none yet."""
        with session_scope(self._engine, writes=False) as session:
            batches = list_batches(session, limit=1000).items
        return next((one for one in batches if str(one.flow_run_id) == flow_run_id), None)

    def detection_of(self, flow_run_id: str) -> Detection:
        """Return the detection of a flow run."""
        with session_scope(self._engine, writes=False) as session:
            found = list_detections(session, limit=1000).items
        return next(one for one in found if str(one.flow_run_id) == flow_run_id)

    def batch(self, batch_id: UUID) -> Batch:
        with session_scope(self._engine, writes=False) as session:
            return get_batch(session, batch_id)

    def detections(self, batch_id: UUID) -> dict[str, Detection]:
        """Return the detections of a batch by the name of their source."""
        with session_scope(self._engine, writes=False) as session:
            found = list_batch_results(session, batch_id, limit=1000).items
        return {detection.source_name: detection for detection in found}

    def statuses(self, batch_id: UUID) -> dict[str, str]:
        """Return where the sources of a batch stand."""
        return {name: one.status.value for name, one in self.detections(batch_id).items()}


def _write_sources(folder, held_server):
    """Two shops, a file that is not there, and three sources that answer when they are released."""
    random = np.random.default_rng(0)
    sources = []
    for name in ("orders", "visits"):
        frame = pd.DataFrame(random.normal(size=(300, 4)), columns=list("abcd"))
        frame.loc[7] = 50.0
        frame.insert(0, "id", range(len(frame)))
        path = folder / f"{name}.csv"
        frame.to_csv(path, index=False)
        described = {"path": str(path), "key_columns": ["id"], "tags": ["shop"]}
        sources.append({"name": name, "kind": "csv", **described})
    gone = {"path": str(folder / "gone.csv"), "tags": ["broken"]}
    sources.append({"name": "gone", "kind": "csv", **gone})
    for name in HELD:
        described = {"url": f"{held_server.url}/{name}", "key_columns": ["id"], "tags": ["held"]}
        sources.append({"name": name, "kind": "http", **described})
    path = folder / "sources.yaml"
    path.write_text(yaml.safe_dump({"sources": sources}))
    return path
