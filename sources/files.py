"""Open files, local or of an object store, within limits and with errors people can act on."""

import gzip
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from io import BufferedReader, RawIOBase
from pathlib import Path
from typing import IO, Any

from fsspec import AbstractFileSystem
from fsspec.core import url_to_fs
from fsspec.implementations.local import LocalFileSystem
from pydantic import JsonValue

from sources.base import ReadLimits
from sources.config import FileConfig
from sources.errors import SourceError
from sources.file_roots import allowed_path, check_store
from sources.secrets import SecretResolver
from sources.store_errors import store_errors

_BLOCK = 2**20
_TAIL = 64
_SPLIT = "split it, store it as Parquet, or raise VIGIL_READ_MAX_BYTES"
_EXTRAS = {"s3": "s3", "s3a": "s3", "gs": "gs", "gcs": "gs"}


def open_store(
    config: FileConfig, limits: ReadLimits, secrets: SecretResolver
) -> tuple[AbstractFileSystem, str]:
    """Return the file system of a source, and the path on it.

    Raises:
        SourceError: the path's protocol is unknown, its package is not installed, or the path may
            not be read.
    """
    path = secrets.resolve(config.path)
    check_store(config.place, path, limits)
    store, path = _find_store(config, path, secrets)
    if isinstance(store, LocalFileSystem):
        path = allowed_path(config.place, path, limits)
    return store, path


def _find_store(
    config: FileConfig, path: str, secrets: SecretResolver
) -> tuple[AbstractFileSystem, str]:
    if "://" not in path:
        return LocalFileSystem(), str(Path(path).expanduser().absolute())
    options = {name: _resolve(value, secrets) for name, value in config.storage_options.items()}
    try:
        # fsspec's cache of instances would keep resolved secrets for the life of the process.
        return url_to_fs(path, skip_instance_cache=True, **options)
    except ImportError as error:
        raise SourceError(f"{config.place}: {_how_to_install(path, error)}") from None
    except (ValueError, TypeError) as error:  # an unknown protocol; an unknown option
        raise SourceError(f"{config.place}: {secrets.redact(str(error))}") from None


@contextmanager
def open_file(
    config: FileConfig, limits: ReadLimits, secrets: SecretResolver
) -> Iterator[BufferedReader]:
    """Open one file for reading; ``.gz`` is unpacked.

    Raises:
        SourceError: it is missing, no file, empty, larger than ``limits.max_bytes`` (packed or
            unpacked), damaged, or may not be read.
        TransientSourceError: the store could not be reached.
    """
    store, path = open_store(config, limits, secrets)
    with store_errors(config.place, store, secrets):
        check_file(config.place, store.info(path), limits)
        with ExitStack() as opened:
            stream = opened.enter_context(store.open(path, "rb"))
            if path.endswith(".gz"):
                stream = opened.enter_context(gzip.open(stream))
            yield BufferedReader(BoundedStream(stream, config.place, limits), _BLOCK)


def is_within(config: FileConfig, most: int, limits: ReadLimits, secrets: SecretResolver) -> bool:
    """Return whether one file holds at most ``most`` bytes, unpacked.

    What is packed can be a thousand times its size, and may lie about it: it is unpacked to count.

    Raises:
        SourceError: as ``open_file``.
        TransientSourceError: the store could not be reached.
    """
    store, path = open_store(config, limits, secrets)
    with store_errors(config.place, store, secrets):
        if int(store.info(path)["size"]) > most:
            return False
    if isinstance(store, LocalFileSystem) and not path.endswith(".gz"):
        return True
    with open_file(config, limits, secrets) as stream:
        count = 0
        while count <= most and (piece := stream.read1(_BLOCK)):
            count += len(piece)
    return count <= most


def check_file(
    place: str, info: Mapping[str, Any], limits: ReadLimits, advice: str = _SPLIT
) -> None:
    """Check what a file system says of a path.

    Raises:
        SourceError: a folder, a device, an empty file, or one larger than ``limits.max_bytes``.
    """
    if info["type"] == "directory":
        raise SourceError(f"{place}: is a folder: expected one file (kind parquet reads folders)")
    check_regular(place, info)
    if info["size"] == 0:
        raise SourceError(f"{place}: is empty (0 bytes): was it written to the end?")
    check_size(place, info["size"], limits, advice)


def check_regular(place: str, info: Mapping[str, Any]) -> None:
    """Check that a file is one that opening cannot wait for.

    Raises:
        SourceError: it is a device, a pipe or a socket.
    """
    if info["type"] != "file":
        raise SourceError(f"{place}: is a device or pipe: expected a regular file")


def check_size(place: str, size: int, limits: ReadLimits, advice: str = _SPLIT) -> None:
    """Check a number of bytes.

    Raises:
        SourceError: it is more than ``limits.max_bytes``.
    """
    if size > limits.max_bytes:
        raise SourceError(f"{place}: is larger than the {limits.max_bytes} bytes allowed: {advice}")


class BoundedStream(RawIOBase):
    """Reads on from a stream until more than ``limits.max_bytes`` have come out of it.

    Attributes:
        tail: the last bytes read so far.
        has_nul: whether a NUL byte was among those read.
    """

    def __init__(self, stream: IO[bytes], place: str, limits: ReadLimits) -> None:
        self._stream = stream
        self._place = place
        self._limits = limits
        self._count = 0
        self.tail = b""
        self.has_nul = False

    def readable(self) -> bool:
        """Whether it can be read: always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill ``buffer`` with the next bytes and return their number; 0 at the end."""
        data = self._stream.read(len(buffer))
        self._count += len(data)
        check_size(self._place, self._count, self._limits)
        self.has_nul = self.has_nul or b"\0" in data
        self.tail = (self.tail + data[-_TAIL:])[-_TAIL:]
        buffer[: len(data)] = data
        return len(data)


def _resolve(value: JsonValue, secrets: SecretResolver) -> JsonValue:
    if isinstance(value, dict):
        return {name: _resolve(inner, secrets) for name, inner in value.items()}
    return secrets.resolve(value) if isinstance(value, str) else value


def _how_to_install(path: str, error: ImportError) -> str:
    extra = _EXTRAS.get(path.partition("://")[0])
    if extra:
        return f"{extra}:// paths need a package more: pip install 'vigil[{extra}]'"
    return f"a package is missing: {error}"
