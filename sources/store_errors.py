"""What file systems raise, in words people can act on, sorted by whether to try again."""

import gzip
import sys
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fsspec import AbstractFileSystem
from fsspec.implementations.local import LocalFileSystem

from sources.errors import SourceError, TransientSourceError
from sources.secrets import SecretResolver

# They write paths and requests, at DEBUG.
_LOGGERS = ("fsspec", "fsspec.http", "fsspec.local", "fsspec.memoryfs", "s3fs", "gcsfs")


@contextmanager
def store_errors(place: str, store: AbstractFileSystem, secrets: SecretResolver) -> Iterator[None]:
    """Turn what ``store`` raises into source errors, and keep secrets out of them and of logs.

    Raises:
        SourceError: there is no such file, it may not be read, or it is damaged.
        TransientSourceError: an object store could not be reached, or failed.
    """
    try:
        with secrets.redacted_logs(*_LOGGERS):
            yield
    except FileNotFoundError:
        raise SourceError(
            f"{place}: no such file or folder{_absolute(place)}: put it there, or correct `path`"
        ) from None
    except _or_botocore(PermissionError, "NoCredentialsError", "PartialCredentialsError") as error:
        raise SourceError(
            f"{place}: may not be read: check permissions or credentials "
            f"({_reason(error, secrets)})"
        ) from None
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise SourceError(f"{place}: the packed file is damaged: {error}: pack it again") from None
    except _or_botocore(OSError, "BotoCoreError") as error:
        # A disk fails again; a store over a network may answer the next time.
        kind = SourceError if isinstance(store, LocalFileSystem) else TransientSourceError
        raise kind(f"{place}: cannot be read: {_reason(error, secrets)}") from None


def _or_botocore(kind: type[Exception], *names: str) -> tuple[type[Exception], ...]:
    """Add errors of s3fs that are no OSError; where they are raised, botocore is imported."""
    module = sys.modules.get("botocore.exceptions")
    return (kind, *(getattr(module, name) for name in names)) if module else (kind,)


def _absolute(place: str) -> str:
    if "://" in place or "{" in place or Path(place).is_absolute():
        return ""
    return f" (looked for {Path(place).absolute()})"


def _reason(error: Exception, secrets: SecretResolver) -> str:
    return secrets.redact(str(error)) or type(error).__name__
