"""An HTTP server that keeps whoever asks waiting, and remembers what it is told."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

ROWS = [{"id": number, "amount": float(number % 7)} for number in range(100)]


class HeldServer(ThreadingHTTPServer):
    """Answers a GET with rows once it is released, and a POST at once.

    Attributes:
        url: its address, without a slash at the end.
        released: set it, and all answers are sent.
        told: the bodies of all POSTs so far.
    """

    daemon_threads = True  # whoever was killed while waiting leaves a thread behind

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.url = f"http://127.0.0.1:{self.server_port}"
        self.released = threading.Event()
        self.told: list[dict[str, Any]] = []

    @contextmanager
    def running(self) -> Iterator["HeldServer"]:
        """Serve until the block ends."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        try:
            yield self
        finally:
            self.released.set()
            self.shutdown()
            thread.join()
            self.server_close()

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that is killed hangs up."""


class _Handler(BaseHTTPRequestHandler):
    server: HeldServer

    def do_GET(self) -> None:
        self.server.released.wait()
        self._answer(json.dumps(ROWS).encode())

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.told.append(json.loads(body))
        self._answer(b"{}")

    def _answer(self, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests are quiet."""
