"""One folder for everything instead of the user's own, and commands that find it again."""

import os
import shlex
import shutil
import sys
from pathlib import Path

_options: list[str] = []


def use_home(folder: Path) -> None:
    """Keep Vigil's database and all of Prefect's in ``folder``, for this process and its children.

    What the environment says of either is set aside, so that no server and no database elsewhere
    is touched.
    """
    from settings import get_settings

    home = folder.expanduser().absolute()
    for name in list(os.environ):
        if name.startswith("PREFECT_") or name == "VIGIL_DATABASE_URL":
            del os.environ[name]
    os.environ["VIGIL_HOME"] = str(home)
    os.environ["PREFECT_HOME"] = str(home / "prefect")
    os.environ.setdefault("MPLCONFIGDIR", str(home / "matplotlib"))
    get_settings.cache_clear()
    _options[:] = ["--home", str(folder)]


def command_line(*words: str) -> str:
    """Return a ``vigil`` command to paste, which works where and as this one was called."""
    return shlex.join([_program(), *_options, *words])


def _program() -> str:
    called = Path(sys.argv[0])
    found = shutil.which("vigil")
    if called.name != "vigil" or (found and Path(found).samefile(called)):
        return "vigil"
    inside = called.is_absolute() and called.is_relative_to(Path.cwd())
    return str(called.relative_to(Path.cwd()) if inside else called)
