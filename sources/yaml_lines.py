"""YAML that remembers on which line each entry of a list stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from sources.errors import SourceError


@dataclass(frozen=True)
class Entry:
    """One entry of the list under a key, and the line it begins on, from 1."""

    line: int
    value: object


def load_sections(path: Path, keys: Sequence[str]) -> dict[str, list[Entry]]:
    """Return the entries of the list under each key of a YAML file, in its order.

    Args:
        path: of the file.
        keys: those it may have; it must have one of them at least.

    Raises:
        SourceError: the file is missing, not YAML, gives a key twice, or has another shape.
    """
    expected = " or ".join(f"`{key}`" for key in keys)
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as text: {error}") from error
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            raise SourceError(f"{path}: is empty: expected {expected} with a list below it")
        _refuse_repeated_keys(path, root)
        document = loader.construct_document(root)
    except yaml.YAMLError as error:
        raise SourceError(f"{path}: not valid YAML: {_describe(error)}") from error
    finally:
        loader.dispose()
    if not isinstance(document, dict) or not document or not set(document) <= set(keys):
        only = "the one key " if len(keys) == 1 else "only "
        raise SourceError(f"{path}: expected {only}{expected} at the top, with a list below it")
    return {
        key.value: _entries(path, key.value, node, document[key.value]) for key, node in root.value
    }


def _entries(path: Path, key: str, node: yaml.Node, values: object) -> list[Entry]:
    if not isinstance(values, list):
        raise SourceError(f"{path}: expected a list below `{key}`: each entry begins with a dash")
    return [
        Entry(each.start_mark.line + 1, value)
        for each, value in zip(node.value, values, strict=True)
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
