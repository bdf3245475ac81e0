"""Every table of Vigil in one place, for migrations."""

from models.base import Table
from models.tables.agreement_record import AgreementRecord
from models.tables.alert import Alert
from models.tables.anomaly import Anomaly
from models.tables.batch import Batch
from models.tables.checkpoint import Checkpoint
from models.tables.column_summary import ColumnSummary
from models.tables.comparison import Comparison
from models.tables.detection import Detection
from models.tables.explanation import Explanation
from models.tables.fitted_detector import FittedDetector
from models.tables.heartbeat import Heartbeat
from models.tables.source import Source
from models.tables.stream import Stream
from models.tables.stream_point import StreamPoint
from models.tables.stream_statistic import StreamStatistic

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
    Stream,
    Checkpoint,
    StreamPoint,
    StreamStatistic,
    Alert,
    Heartbeat,
)

metadata = Table.metadata
