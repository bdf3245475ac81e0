"""Fitted detectors as they are kept, so that what is explained later is what was run."""

import pickle
from dataclasses import dataclass
from uuid import UUID

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
from tasks.signature import SIGNATURE_BYTES, is_signed, sign
from tasks.signing_key import signing_key
from tasks.versions import software_versions

FORMAT_VERSION = 3  # 1 had neither background nor rows, 2 no signature before them
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


def pack_detector(
    detection_id: UUID, algorithm: str, kept: KeptDetector
) -> DetectorEnvelope | None:
    """Return a detector in a signed, compressed envelope; None when larger than the settings allow.

    Raises:
        SigningKeyError: there is no key to sign it with.
    """
    parts = (kept.detector, kept.encoder, kept.background, kept.positions, kept.X)
    pickled = pickle.dumps(parts, protocol=5)
    if len(pickled) > get_settings().fitted_max_bytes:
        return None
    size = len(pickled).to_bytes(_SIZE_BYTES, "little")
    content = size + pa.compress(pickled, codec="zstd", asbytes=True)
    libraries = software_versions()
    labels = _labels(detection_id, FORMAT_VERSION, algorithm, libraries)
    return DetectorEnvelope(
        format_version=FORMAT_VERSION,
        algorithm=algorithm,
        libraries=libraries,
        payload=sign(signing_key(), labels, content) + content,
    )


def unpack_detector(detection_id: UUID, stored: DetectorEnvelope | FittedDetector) -> KeptDetector:
    """Return what ``pack_detector`` packed for that detection.

    The payload is a pickle, which can run anything: it is not touched unless it was signed here.

    Raises:
        FittedDetectorError: it is of another format, other versions of the libraries wrote it, or
            it was not signed with this key for this detection.
        SigningKeyError: there is no key to check it with.
    """
    _check_versions(stored)
    content = _signed_content(detection_id, stored)
    size = int.from_bytes(content[:_SIZE_BYTES], "little")
    pickled = pa.decompress(content[_SIZE_BYTES:], size, codec="zstd", asbytes=True)
    return KeptDetector(*pickle.loads(pickled))  # noqa: S301  signed by pack_detector


def _labels(
    detection_id: UUID, format_version: int, algorithm: str, libraries: dict[str, str]
) -> dict[str, object]:
    return {
        "detection": str(detection_id),
        "format": format_version,
        "algorithm": algorithm,
        "libraries": libraries,
    }


def _signed_content(detection_id: UUID, stored: DetectorEnvelope | FittedDetector) -> bytes:
    signature = stored.payload[:SIGNATURE_BYTES]
    content = stored.payload[SIGNATURE_BYTES:]
    labels = _labels(detection_id, stored.format_version, stored.algorithm, stored.libraries)
    if not is_signed(signing_key(), labels, content, signature):
        raise FittedDetectorError(
            f"the fitted detector of detection {detection_id} was not signed with the key of this "
            "process, and is not opened: set the same VIGIL_SIGNING_KEY on all workers, or run "
            "`vigil detect` again"
        )
    return content


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
