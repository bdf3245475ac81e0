"""The key that stored detectors are signed with: from the settings, else made on first use."""

import os
import secrets
import stat
from pathlib import Path
from tempfile import NamedTemporaryFile

from models.errors import SigningKeyError
from settings import get_settings

_NAME = "signing.key"
_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def signing_key() -> bytes:
    """Return the key of the settings, else that of the file in the home folder.

    The file is made where there is none, for its owner alone. Processes that make it at the same
    time get the same key. What it holds may be given to other machines as VIGIL_SIGNING_KEY.

    Raises:
        SigningKeyError: the file cannot be read or made, is damaged, or may be read by others.
    """
    settings = get_settings()
    if settings.signing_key is not None:
        return settings.signing_key.get_secret_value().encode()
    path = settings.home / _NAME
    try:
        if not path.exists():
            _make(path)
        return _read(path)
    except OSError as error:
        raise SigningKeyError(
            f"the signing key {path} cannot be read or made: {error.strerror}: correct "
            "the permissions of its folder, or set VIGIL_SIGNING_KEY"
        ) from error


def _make(path: Path) -> None:
    """Write a whole file aside and give it its name, which fails where another was faster."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with NamedTemporaryFile("w", dir=path.parent, prefix=f".{_NAME}.") as file:  # of mode 600
        file.write(secrets.token_hex(_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
        try:
            os.link(file.name, path)
        except FileExistsError:
            return


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        if os.fstat(file.fileno()).st_mode & _OTHERS:
            raise SigningKeyError(
                f"the signing key {path} may be read or written by others, who could sign what "
                f"runs here: `chmod 600 {path}`; if they were not meant to, remove it instead, "
                "and run `vigil detect` again for what is to be explained"
            )
        key = file.read().strip()
    if len(key) < 2 * _BYTES:
        raise SigningKeyError(
            f"the signing key {path} is damaged: put it back from a backup, or remove it, and run "
            "`vigil detect` again for what is to be explained"
        )
    return key
