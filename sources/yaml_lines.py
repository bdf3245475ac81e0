"""YAML that remembers on which line each entry of a list stands."""

from dataclasses import dataclass
from pathlib import Path

import yaml

from sources.errors import SourceError


@dataclass(frozen=True)
class Entry:
    """One entry of the list under a key, and the line it begins on, from 1."""

    line: int
    value: object


def load_entries(path: Path, key: str) -> list[Entry]:
    """Return the entries of the list under the only key of a YAML file.

    Raises:
        SourceError: the file is missing, not YAML, gives a key twice, or has another shape.
    """
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as text: {error}") from error
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise SourceError(f"{path}: is empty: expected `{key}` with a list below it")
        _refuse_repeated_keys(path, root)
        document = loader.construct_document(root)
    except yaml.YAMLError as error:
        raise SourceError(f"{path}: not valid YAML: {_describe(error)}") from error
    finally:
        loader.dispose()
    if not isinstance(document, dict) or list(document) != [key]:
        raise SourceError(f"{path}: expected the one key `{key}` at the top, with a list below it")
    if not isinstance(document[key], list):
        raise SourceError(f"{path}: expected a list below `{key}`: each entry begins with a dash")
    nodes = root.value[0][1].value
    return [
        Entry(node.start_mark.line + 1, value)
        for node, value in zip(nodes, document[key], strict=True)
    ]


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    """YAML forbids a repeated key; PyYAML takes the last one."""
    if isinstance(node, yaml.MappingNode):
        seen = set()
        for name, value in node.value:
            if name.value in seen:
                raise SourceError(
                    f"{path}, line {name.start_mark.line + 1}: `{name.value}` is given twice"
                )
            seen.add(name.value)
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            _refuse_repeated_keys(path, value)


def _describe(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)
