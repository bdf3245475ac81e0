"""How kernels are compiled, and where the compiled code is kept."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import TypeVar

Function = TypeVar("Function", bound=Callable[..., object])

_KERNELS = Path(__file__).parent


def kernel(signature: object = None, *, inline: bool = False) -> Callable[[Function], Function]:
    """Compile the decorated function with numba: without the GIL, and kept on disk.

    Args:
        signature: argument types, which make it compile when its module is imported; None to
            compile when it is called.
        inline: write its body into the kernels that call it. That pays for a short one that is
            handed many arrays: a call counts the references to each of them up and down.
    """
    import numba

    def compile_kernel(function: Function) -> Function:
        before = numba.config.CACHE_DIR
        numba.config.CACHE_DIR = str(cache_folder())
        try:
            compiled: Function = numba.njit(
                signature, nogil=True, cache=True, inline="always" if inline else "never"
            )(function)
        finally:
            numba.config.CACHE_DIR = before
        return compiled

    return compile_kernel


def needs_compiling(module: str) -> bool:
    """Whether importing ``detectors.kernels.<module>`` compiles it, which takes seconds.

    Cheap: it looks for files and imports nothing, so that a caller can say so beforehand.
    """
    return not any(cache_folder().glob(f"*/{module}.*.nbi"))


@cache
def cache_folder() -> Path:
    """Return the folder of the compiled kernels, made if need be.

    ``NUMBA_CACHE_DIR``, else beside the kernels, else in the user's cache, else temporary, which
    compiles again in each process: numba refuses to import a kernel it has no folder for.
    """
    chosen = os.environ.get("NUMBA_CACHE_DIR")
    user_cache = Path(os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"))
    roots = [Path(chosen)] if chosen else [_KERNELS / "__pycache__", user_cache / "vigil"]
    for root in roots:
        folder = root / f"kernels-{_fingerprint()}"
        if _is_writable(folder):
            return folder
    # Private to this process: compiled code is loaded with pickle.
    return Path(tempfile.mkdtemp(prefix="vigil-kernels-"))


def _fingerprint() -> str:
    """Digest all kernels: numba itself notices a change of a kernel, not of what it calls."""
    digest = hashlib.sha256(version("numba").encode())
    for path in sorted(_KERNELS.glob("*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _is_writable(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True
