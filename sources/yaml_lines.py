"""YAML that remembers on which line each entry of a list stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

from sources.errors import SourceError

_MAX_BYTES = 16 * 2**20
_MAX_NODES = 1_000_000  # with every alias written out


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
    text = _read(path)
    expected = " or ".join(f"`{key}`" for key in keys)
    try:
        root, document = _load(path, text)
    except yaml.YAMLError as error:
        raise SourceError(f"{path}: not valid YAML: {_describe(error)}") from error
    except RecursionError:
        raise SourceError(f"{path}: the YAML is nested too deeply, or in itself") from None
    except ValueError as error:  # what looks like a number or a time, and is none
        raise SourceError(f"{path}: holds a value that cannot be read: {error}: quote it") from None
    if root is None:
        raise SourceError(f"{path}: is empty: expected {expected} with a list below it")
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


def _load(path: Path, text: str) -> tuple[yaml.Node | None, object]:
    loader = yaml.SafeLoader(text)
    try:
        root = loader.get_single_node()
        if root is None:
            return None, None
        _check_nodes(path, root)
        return root, loader.construct_document(root)
    finally:
        loader.dispose()


def _read(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES + 1)
        text = content.decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(f"{path}: cannot be read as text: {error}") from error
    if len(content) > _MAX_BYTES:
        raise SourceError(f"{path}: is larger than {_MAX_BYTES} bytes: split it")
    return text


def _check_nodes(path: Path, root: yaml.Node) -> None:
    """Refuse repeated keys, of which PyYAML takes the last, and aliases of aliases without end."""
    waiting = [root]
    for _ in range(_MAX_NODES):
        if not waiting:
            return
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            _refuse_repeated_keys(path, node)
            waiting += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    raise SourceError(
        f"{path}: holds more than {_MAX_NODES} values once its aliases (*name) are written out: "
        "split it"
    )


def _refuse_repeated_keys(path: Path, node: yaml.MappingNode) -> None:
    seen = set()
    for name, _ in node.value:
        line = name.start_mark.line + 1
        if not isinstance(name, yaml.ScalarNode):
            raise SourceError(f"{path}, line {line}: a list or mapping cannot be a key")
        if name.value in seen:
            raise SourceError(f"{path}, line {line}: `{name.value}` is given twice")
        seen.add(name.value)


def _describe(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return str(error)
