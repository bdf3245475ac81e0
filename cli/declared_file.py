"""A file such as sources.yaml: the sources and the streams that it declares."""

from dataclasses import dataclass
from pathlib import Path

from cli.stream_definition import StreamDefinition, parse_stream_definition
from sources.declarations import parse_entries
from sources.definition import SourceDefinition, parse_sources
from sources.errors import SourceError
from sources.yaml_lines import load_sections


@dataclass(frozen=True)
class DeclaredFile:
    """What a file declares; None where it does not speak of them at all."""

    sources: list[SourceDefinition] | None
    streams: list[StreamDefinition] | None


def load_declared_file(path: Path) -> DeclaredFile:
    """Return the sources and streams of a YAML file, each in their order.

    The file has the keys ``sources`` or ``streams``, or both, each with a list.

    Raises:
        SourceError: the file cannot be read, or an entry is wrong; the message lists everything
            that is wrong, with the line of each entry.
    """
    sections = load_sections(path, ["sources", "streams"])
    sources: list[SourceDefinition] | None = None
    streams: list[StreamDefinition] | None = None
    problems: list[str] = []
    try:
        if "sources" in sections:
            sources = parse_sources(path, sections["sources"])
    except SourceError as error:
        problems.append(str(error))
    try:
        if "streams" in sections:
            streams = parse_entries(
                path, sections["streams"], parse_stream_definition, "stream", "`name`"
            )
    except SourceError as error:
        problems.append(str(error))
    if problems:
        raise SourceError("\n".join(problems))
    return DeclaredFile(sources, streams)
