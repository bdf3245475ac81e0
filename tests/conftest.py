"""What the tests of several packages share: real servers, and a home folder a test."""

import json
import os
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from benchmarks.postgres_server import PostgresServer
from models.engine import make_engine
from settings import get_settings
from tests.postgres import postgres_schema

# How long an example takes, or is drawn, says how busy the machine is.
hypothesis_settings.register_profile(
    "any machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("any machine")


@pytest.fixture(scope="session", autouse=True)
def lines_as_in_a_pipe() -> None:
    """Several processes are told the width of a terminal, which none of them has."""
    os.environ.pop("COLUMNS", None)


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Run flows against one real Prefect server, with a database of its own."""
    # Prefect reads it when it is first imported, and this is where that happens.
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=600):
        yield


@pytest.fixture
def vigil_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Give Vigil a home folder, and so a database, of the test's own."""
    home = tmp_path / "vigil"
    monkeypatch.setenv("VIGIL_HOME", str(home))
    monkeypatch.delenv("VIGIL_DATABASE_URL", raising=False)
    get_settings.cache_clear()
    yield home
    get_settings.cache_clear()


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """Address of a PostgreSQL on loopback, ended with the session; its tests share it."""
    with tempfile.TemporaryDirectory(prefix="vigil-postgres-") as folder:
        server = PostgresServer(Path(folder))
        server.start()
        try:
            yield server.url
        finally:
            server.stop()


@pytest.fixture
def vigil_on_postgres(
    vigil_home: Path, postgres_url: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """Keep Vigil's database on PostgreSQL; its address."""
    with postgres_schema(postgres_url) as url:
        monkeypatch.setenv("VIGIL_DATABASE_URL", url)
        get_settings.cache_clear()
        yield url
        make_engine(url).dispose()


@pytest.fixture
def http_server() -> Iterator["HttpServer"]:
    """An HTTP server on loopback that answers what the test tells it to."""
    server = HttpServer()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass(frozen=True)
class Request:
    """What the server was asked."""

    path: str
    params: dict[str, str]
    headers: Mapping[str, str]


@dataclass
class Answer:
    """What the server answers with."""

    body: bytes
    status: int
    headers: dict[str, str]
    delay: float
    endless: bool


class HttpServer(ThreadingHTTPServer):
    """Answers each path as told, and remembers what it was asked.

    Attributes:
        url: its address, without a slash at the end.
        requests: what it was asked so far.
    """

    daemon_threads = True  # an endless answer must not outlive the test

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.requests: list[Request] = []
        self._answers: dict[str, list[Answer]] = defaultdict(list)

    def answer(
        self,
        path: str,
        document: object = None,
        *,
        body: bytes | None = None,
        status: int = 200,
        headers: Mapping[str, str] | None = None,
        delay: float = 0,
        endless: bool = False,
    ) -> None:
        """Add an answer to a path, with or without its query; the last one added repeats.

        Args:
            path: e.g. ``/orders``, or ``/orders?page=2``, which goes before the path alone.
            document: answered as JSON, unless ``body`` is given.
            body: answered as it is.
            status: of the answer.
            headers: of the answer; a request that knows its ``ETag`` is answered with 304.
            delay: seconds to wait before answering.
            endless: whether to repeat the body for ever.
        """
        content = json.dumps(document).encode() if body is None else body
        kind = {"Content-Type": "application/json"} if body is None else {}
        self._answers[path].append(
            Answer(content, status, {**kind, **(headers or {})}, delay, endless)
        )

    def reset(self) -> None:
        """Forget what to answer and what was asked."""
        self.requests.clear()
        self._answers.clear()

    def next_answer(self, target: str) -> Answer:
        path = target if target in self._answers else urlsplit(target).path
        answers = self._answers.get(path)
        if not answers:
            return Answer(b"nothing here", 404, {}, 0, False)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hangs up is part of the tests."""


class _Handler(BaseHTTPRequestHandler):
    server: HttpServer

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        params = {name: values[0] for name, values in parse_qs(parts.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.requests.append(Request(parts.path, params, headers))
        answer = self.server.next_answer(self.path)
        time.sleep(answer.delay)
        etag = answer.headers.get("ETag")
        unchanged = etag is not None and headers.get("if-none-match") == etag
        self.send_response(304 if unchanged else answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        if not answer.endless:
            self.send_header("Content-Length", "0" if unchanged else str(len(answer.body)))
        self.end_headers()
        if not unchanged:
            self.wfile.write(answer.body)
        while answer.endless:
            self.wfile.write(answer.body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests are quiet."""
