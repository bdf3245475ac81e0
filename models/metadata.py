"""Every table of Vigil in one place, for migrations."""

from models.base import Table
from models.tables.anomaly import Anomaly
from models.tables.column_summary import ColumnSummary
from models.tables.detection import Detection
from models.tables.fitted_detector import FittedDetector
from models.tables.source import Source

TABLES = (Source, Detection, Anomaly, ColumnSummary, FittedDetector)

metadata = Table.metadata
