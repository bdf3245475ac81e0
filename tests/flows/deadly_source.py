"""An HTTP source that kills the process of whoever reads it."""

import json
import os
import signal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psutil


class DeadlySource(ThreadingHTTPServer):
    """Kills a reader's process as often as told, and answers the next ones with rows.

    Attributes:
        url: its address.
        kills: readers that are still to be killed.
    """

    daemon_threads = True

    def __init__(self, kills: int) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.kills = kills
        self.url = f"http://127.0.0.1:{self.server_port}/rows"


class _Handler(BaseHTTPRequestHandler):
    server: DeadlySource

    def do_GET(self) -> None:
        if self.server.kills:
            self.server.kills -= 1
            os.kill(_process_with(self.client_address[1], self.server.server_port), signal.SIGKILL)
            return
        body = json.dumps([{"a": i % 7, "b": i % 5} for i in range(100)]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: object) -> None:
        """Tests are quiet."""


def _process_with(port: int, other_port: int) -> int:
    """Return the id of the process whose end of a connection has this port."""
    [process_id] = [
        connection.pid
        for connection in psutil.net_connections("tcp4")
        if connection.laddr.port == port
        and connection.raddr
        and connection.raddr.port == other_port
    ]
    assert process_id not in (None, os.getpid())
    return process_id
