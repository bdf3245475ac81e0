"""Fit the detector of a detection again, where it is not stored: it was too large, or is pruned."""

import numpy as np

from detectors.detection import fit_table
from models.errors import FittedDetectorError
from models.tables.anomaly import Anomaly
from models.tables.detection import Detection
from tasks.detection_request import DetectionRequest
from tasks.fitted_detector import KeptDetector
from tasks.load_table import LoadedTable


def refit_detector(
    detection: Detection, loaded: LoadedTable, anomalies: list[Anomaly]
) -> KeptDetector:
    """Return the detector of a detection, fitted on the same table in the same way.

    Args:
        detection: the detection.
        loaded: the table it scored, unchanged.
        anomalies: whose scores have to come out as they were.

    Raises:
        DetectorError: the detector cannot be fitted.
        FittedDetectorError: the scores come out otherwise, as under other versions of libraries.
    """
    request = DetectionRequest.restored(detection)
    fitted = fit_table(loaded.table, request.detector, request.sample_size, request.seed)
    positions = np.array([anomaly.row_index for anomaly in anomalies], dtype=np.int64)
    places = np.searchsorted(loaded.table.positions, positions)
    before = [anomaly.score for anomaly in anomalies]
    if not np.allclose(fitted.scores[places], before, rtol=1e-6, atol=0):
        raise FittedDetectorError(
            f"fitted again, the detector of detection {detection.id} scores otherwise, as after "
            "an update of its libraries: run `vigil detect` again, and explain that detection"
        )
    return KeptDetector(
        fitted.detector,
        loaded.table.encoder,
        fitted.background,
        positions,
        loaded.table.X[places],
    )
