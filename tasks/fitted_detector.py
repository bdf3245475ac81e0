"""Fitted detectors as they are kept, so that what is explained later is what was run."""

import pickle
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from detectors.base import Detector
from detectors.detection import PreparedTable, ScoredTable
from detectors.features import FeatureEncoder
from detectors.validation import Matrix
from models.errors import FittedDetectorError
from models.tables.fitted_detector import DetectorEnvelope, FittedDetector
from settings import get_settings
from tasks.versions import software_versions

FORMAT_VERSION = 2  # 1 had neither background nor rows
_SIZE_BYTES = 8  # before the compressed bytes: how many there are unpacked
# Objects of these are in the payload; of Vigil's own, the format says enough.
_PICKLED_PACKAGES = ("numpy", "scikit-learn", "pyod", "numba")


@dataclass(frozen=True)
class KeptDetector:
    """A fitted detector, and what it takes to explain its anomalies without their source.

    Attributes:
        encoder: how columns became features.
        background: rows it was fitted on, in random order, shape (n_background, n_features).
        positions: the source's row number of each anomaly, the strongest first.
        X: features of the anomalies, shape (n_anomalies, n_features). What the database keeps of
            their values may be shortened, or of another type.
    """

    detector: Detector
    encoder: FeatureEncoder
    background: Matrix
    positions: NDArray[np.int64]
    X: Matrix

    @classmethod
    def of(cls, table: PreparedTable, scored: ScoredTable) -> "KeptDetector":
        """Return what is kept of a detection."""
        return cls(
            scored.detector,
            table.encoder,
            scored.background,
            table.positions[scored.flagged],
            table.X[scored.flagged],
        )


def pack_detector(algorithm: str, kept: KeptDetector) -> DetectorEnvelope | None:
    """Return a detector in a compressed envelope; None when larger than the settings allow."""
    parts = (kept.detector, kept.encoder, kept.background, kept.positions, kept.X)
    pickled = pickle.dumps(parts, protocol=5)
    if len(pickled) > get_settings().fitted_max_bytes:
        return None
    payload = pa.compress(pickled, codec="zstd", asbytes=True)
    return DetectorEnvelope(
        format_version=FORMAT_VERSION,
        algorithm=algorithm,
        libraries=software_versions(),
        payload=len(pickled).to_bytes(_SIZE_BYTES, "little") + payload,
    )


def unpack_detector(stored: DetectorEnvelope | FittedDetector) -> KeptDetector:
    """Return what ``pack_detector`` packed.

    The payload is a pickle, and so is trusted as the database is that it comes from.

    Raises:
        FittedDetectorError: it is of another format, or other versions of the libraries wrote it,
            in which case it is not touched.
    """
    _check_versions(stored)
    size = int.from_bytes(stored.payload[:_SIZE_BYTES], "little")
    pickled = pa.decompress(stored.payload[_SIZE_BYTES:], size, codec="zstd", asbytes=True)
    return KeptDetector(*pickle.loads(pickled))  # noqa: S301  written by pack_detector


def _check_versions(stored: DetectorEnvelope | FittedDetector) -> None:
    if stored.format_version != FORMAT_VERSION:
        age = "an earlier" if stored.format_version < FORMAT_VERSION else "a later"
        raise FittedDetectorError(
            f"the fitted detector was stored by {age} version of Vigil (format "
            f"{stored.format_version}, this one explains format {FORMAT_VERSION}): run "
            "`vigil detect` again"
        )
    installed = software_versions()
    changed = [
        f"{package} {stored.libraries.get(package, 'unknown')} (now {installed[package]})"
        for package in _PICKLED_PACKAGES
        if stored.libraries.get(package) != installed[package]
    ]
    if changed:
        raise FittedDetectorError(
            f"the fitted detector was stored with {', '.join(changed)} and may mean something "
            "else today: run `vigil detect` again, or install those versions"
        )
