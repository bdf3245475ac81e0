"""From what a person declares of a source to what the registry keeps."""

from models.queries.sources import SourceDependants
from models.tables.source import SourceDefinition as StoredDefinition
from reports.numbers import counted
from sources.definition import SourceDefinition


def stored_definition(definition: SourceDefinition) -> StoredDefinition:
    """Return a checked declaration as the registry keeps it; defaults of its kind stay open."""
    return StoredDefinition(
        name=definition.name,
        kind=definition.config.kind,
        config=definition.config.model_dump(mode="json", exclude_defaults=True),
        tags=list(definition.tags),
        key_columns=list(definition.key_columns),
        cursor_column=definition.cursor_column,
        label_column=definition.label_column,
        columns=None if definition.columns is None else list(definition.columns),
        description=definition.description or None,
    )


def describe_dependants(dependants: SourceDependants) -> str:
    """Say what hangs on a source: 2 detections with 31 anomalies, 1 stream with 4 alerts."""
    if not (dependants.detections or dependants.streams):
        return "no detection"
    parts = []
    if dependants.detections:
        anomalies = counted(dependants.anomalies, "anomaly", "anomalies")
        parts.append(f"{counted(dependants.detections, 'detection')} with {anomalies}")
    if dependants.streams:
        alerts = counted(dependants.alerts, "alert")
        parts.append(f"{counted(dependants.streams, 'stream')} with {alerts}")
    return ", ".join(parts)
