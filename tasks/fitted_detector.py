"""Fitted detectors as they are kept, so that what is explained later is what was run."""

import pickle

import pyarrow as pa

from detectors.base import Detector
from detectors.features import FeatureEncoder
from models.tables.fitted_detector import DetectorEnvelope
from settings import get_settings
from tasks.versions import software_versions

FORMAT_VERSION = 1
_SIZE_BYTES = 8  # before the compressed bytes: how many there are unpacked


def pack_detector(
    algorithm: str, detector: Detector, encoder: FeatureEncoder
) -> DetectorEnvelope | None:
    """Return detector and encoder, compressed; None when larger than the settings allow."""
    pickled = pickle.dumps((encoder, detector), protocol=5)
    if len(pickled) > get_settings().fitted_max_bytes:
        return None
    payload = pa.compress(pickled, codec="zstd", asbytes=True)
    return DetectorEnvelope(
        format_version=FORMAT_VERSION,
        algorithm=algorithm,
        libraries=software_versions(),
        payload=len(pickled).to_bytes(_SIZE_BYTES, "little") + payload,
    )


def unpack_detector(payload: bytes) -> tuple[Detector, FeatureEncoder]:
    """Return what ``pack_detector`` packed.

    The payload is a pickle, and so is trusted as the database is that it comes from.
    """
    size = int.from_bytes(payload[:_SIZE_BYTES], "little")
    pickled = pa.decompress(payload[_SIZE_BYTES:], size, codec="zstd", asbytes=True)
    encoder, detector = pickle.loads(pickled)  # noqa: S301  written by pack_detector
    return detector, encoder
