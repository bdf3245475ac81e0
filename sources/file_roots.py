"""Which files and stores may be read: those below the roots that the settings name."""

from pathlib import Path
from urllib.parse import unquote

from sources.base import ReadLimits
from sources.errors import SourceError

_LOCAL = ("file", "local")
# Their hosts are the provider's; those of other protocols are the source's to name.
_OBJECT_STORES = ("s3", "s3a", "gs", "gcs", "az", "abfs", "abfss", "adl")


def check_store(place: str, path: str, limits: ReadLimits) -> None:
    """Check a path as it is given, before anything of it is opened.

    Raises:
        SourceError: it is not local and below no root, or leads to a host that cannot be checked.
    """
    protocol, marker, _ = path.partition("://")
    if not marker or protocol in _LOCAL:
        return
    # What stands behind :: is another address, which the store would read through.
    if not limits.allow_private and (protocol not in _OBJECT_STORES or "::" in path):
        raise SourceError(
            f"{place}: {protocol}:// is not read where VIGIL_HTTP_ALLOW_PRIVATE is false, because "
            "the address it leads to cannot be checked: use kind http, or an object store"
        )
    if limits.file_roots is not None and not _is_below(path, limits.file_roots):
        raise _outside(place)


def allowed_path(place: str, path: str, limits: ReadLimits) -> str:
    """Return a local path; where roots are set with links and dots followed.

    Raises:
        SourceError: it leads to a place below no root.
    """
    if limits.file_roots is None:
        return path
    real = Path(path).resolve()
    for root in limits.file_roots:
        if "://" not in root and real.is_relative_to(Path(root).expanduser().resolve()):
            return str(real)
    raise _outside(place)


def _is_below(path: str, roots: tuple[str, ...]) -> bool:
    # One protocol upon another (zip::file://) would be read through the second.
    if "::" in path or ".." in unquote(path).replace("\\", "/").split("/"):
        return False
    return any(
        path == root or path.startswith(root.rstrip("/") + "/") for root in roots if "://" in root
    )


def _outside(place: str) -> SourceError:
    return SourceError(
        f"{place}: is outside of the places that may be read: move it there, or add its folder to "
        "VIGIL_FILE_ROOTS where the flow runs"
    )
