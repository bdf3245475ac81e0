"""From a source's configuration to the poller of its kind."""

from sources.base import ReadLimits
from sources.config import SourceConfig
from sources.errors import SourceError
from sources.polling import Poller, PollOptions
from sources.secrets import SecretResolver


def open_poller(
    config: SourceConfig, options: PollOptions, limits: ReadLimits, secrets: SecretResolver
) -> Poller:
    """Return the poller of a source; nothing is read yet.

    Raises:
        SourceError: a source that is so configured cannot be polled; the message names the way
            out.
    """
    raise SourceError(f"{config.place}: a source of kind {config.kind} cannot be polled")
