"""The software that a result was computed with."""

from functools import cache
from importlib.metadata import version

_PACKAGES = ("vigil", "numpy", "scikit-learn", "pyod", "numba")


@cache
def software_versions() -> dict[str, str]:
    """Return the versions of what decides a result, by package; read once a process."""
    return {package: version(package) for package in _PACKAGES}
