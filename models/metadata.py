"""Every table of Vigil in one place, for migrations."""

from models.base import Table
from models.tables.agreement_record import AgreementRecord
from models.tables.anomaly import Anomaly
from models.tables.batch import Batch
from models.tables.column_summary import ColumnSummary
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from models.tables.fitted_detector import FittedDetector
from models.tables.source import Source

TABLES = (
    Source,
    Batch,
    Comparison,
    Detection,
    Anomaly,
    ColumnSummary,
    FittedDetector,
    AgreementRecord,
    Explanation,
)

metadata = Table.metadata
