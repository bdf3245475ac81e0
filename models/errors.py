"""What goes wrong with the database or with what is asked of it; no message holds a password."""


class ModelsError(Exception):
    """Root of everything this package raises on purpose."""


class DatabaseError(ModelsError):
    """The database cannot do what was asked; the message says what to do about it."""


class DatabaseUrlError(DatabaseError):
    """The address is not one of a SQLite file or a PostgreSQL database."""


class MissingDriverError(DatabaseError):
    """The package that talks to this kind of database is not installed."""


class DatabaseUnavailableError(DatabaseError):
    """The database cannot be opened or reached, or the connection to it was lost."""


class DatabaseLostError(DatabaseError):
    """The file of the database was deleted, moved or replaced while it was in use."""


class DatabaseDamagedError(DatabaseError):
    """The file of the database is cut off or overwritten in part."""


class DatabaseLockedError(DatabaseError):
    """Another process kept the database locked for longer than the busy timeout."""


class ReadOnlyDatabaseError(DatabaseError):
    """The database may be read but not written."""


class DatabaseFullError(DatabaseError):
    """No room is left on the disk of the database."""


class NotMigratedError(DatabaseError):
    """The tables are missing or older than this version of Vigil expects."""


class NewerDatabaseError(DatabaseError):
    """The tables were written by a later version of Vigil."""


class ForeignDatabaseError(DatabaseError):
    """The database belongs to another application, such as Prefect's server."""


class RecordError(ModelsError):
    """What was asked for is not in the database as named."""


class UnknownSourceError(RecordError):
    """No source has this name or id."""


class EmptySelectionError(RecordError):
    """No source is selected; the message lists those there are."""


class SourceExistsError(RecordError):
    """A source of this name is registered already."""


class UnknownDetectionError(RecordError):
    """No detection matches."""


class UnknownBatchError(RecordError):
    """No batch matches."""


class UnknownComparisonError(RecordError):
    """No comparison matches."""


class UnknownRowError(RecordError):
    """A detection has no such row, or none that was scored."""


class UnknownExplanationError(RecordError):
    """The row was not explained."""


class FittedDetectorError(RecordError):
    """A detection's fitted detector cannot be had as it was; the message says what to do."""


class UnknownStreamError(RecordError):
    """No stream matches."""


class StreamExistsError(RecordError):
    """A stream of this name exists already."""


class StreamStatusError(RecordError):
    """The status of a stream does not allow this step."""


class StreamHeldError(RecordError):
    """Somebody else works on the stream."""


class LeaseLostError(RecordError):
    """The stream was taken away from its holder, whose work since is not wanted any more."""


class UnknownAlertError(RecordError):
    """No alert matches."""


class AlertStateError(RecordError):
    """The state of an alert does not allow this step."""


class SigningKeyError(ModelsError):
    """There is no key that stored detectors can be signed or checked with."""


class AmbiguousIdError(RecordError):
    """Several records start with this id."""


class RunStatusError(RecordError):
    """The status of a detection, batch or comparison does not allow this step."""


class BatchAliveError(RunStatusError):
    """A flow run still works on the batch."""


class BatchTakenOverError(RunStatusError):
    """Another flow run works on the batch, since this one was taken for dead."""


class BatchStuckError(RunStatusError):
    """A batch was resumed, and died again before anything more succeeded."""


class NothingToResumeError(RunStatusError):
    """Nothing of a batch is missing, or there is no batch to go on with."""
