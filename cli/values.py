"""Values given as ``name=value`` on the command line."""

from collections.abc import Iterator, Mapping, Sequence
from types import UnionType
from typing import TYPE_CHECKING, Annotated, Any, Literal, Union, get_args, get_origin

from cli.group import CommandError

if TYPE_CHECKING:
    from pydantic.fields import FieldInfo


def read_values(
    assignments: Sequence[str], fields: "Mapping[str, FieldInfo]", option: str = "--set"
) -> dict[str, Any]:
    """Return the values by name.

    A field of text takes the text as it stands; any other takes it as YAML: 3, 0.5, true, null,
    [a, b]. A field of names and values takes one with a dot: ``headers.Accept=text/csv``. Whether
    a name exists and a value is allowed is for the configuration to say.

    Args:
        assignments: each ``name=value``.
        fields: of the configuration that the values are for.
        option: what to name in errors.

    Raises:
        CommandError: an assignment lacks its ``=``, or a name is given twice.
    """
    values: dict[str, Any] = {}
    for assignment in assignments:
        name, equals, text = assignment.partition("=")
        if not (name and equals):
            raise CommandError(f"{option} {assignment}: expected name=value")
        target = values
        annotation = fields[name].annotation if name in fields else None
        field, dot, key = name.partition(".")
        if dot and field in fields and _is_mapping(fields[field].annotation):
            target = values.setdefault(field, {})
            name, annotation = key, get_args(fields[field].annotation)[1]
        if name in target:
            raise CommandError(f"{option} {assignment}: {name} is given twice")
        target[name] = text if _takes_text(annotation) else _from_yaml(text)
    return values


def flatten(values: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield names and values as ``--set`` takes them."""
    for name, value in values.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{key}", item) for key, item in value.items())
        else:
            yield name, value


def _from_yaml(text: str) -> Any:
    import yaml

    try:
        value = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):  # ValueError: 2024-13-45 is no date
        return text
    # To YAML, a date is no text and a reference to a secret, {env:NAME}, is a mapping.
    return value if value is None or isinstance(value, str | int | float | list) else text


def _takes_text(annotation: Any) -> bool:
    if get_origin(annotation) is Annotated:
        return _takes_text(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        return any(_takes_text(part) for part in get_args(annotation))
    if get_origin(annotation) is Literal:  # a space is one of them
        return all(isinstance(choice, str) for choice in get_args(annotation))
    return annotation is str


def _is_mapping(annotation: Any) -> bool:
    return get_origin(annotation) is dict
