"""How a choice between models of parameters is described to a form and to the API behind it."""

from copy import deepcopy
from typing import Any

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

# What a value may be, beyond its type.
_BOUNDS = frozenset({
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "pattern",
    "minLength", "maxLength", "minItems", "maxItems",
})  # fmt: skip
_TYPES = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "array": "a list",
    "null": "null",
}


class Tabs:
    """Annotates a union told apart by a tag: the Prefect UI draws it as one tab a member.

    Pydantic describes such a union by ``oneOf``, which the UI shows as text to edit. ``anyOf``
    allows the same values, as no two members have the same tag, if only the tag is required.

    Of a value that none of the members allows, a validator says no more than that. Its bounds are
    therefore checked beside ``anyOf``, for the member of the tag alone: the API then answers with
    the parameter, the value and the bound.
    """

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the union by ``anyOf``, and each member's bounds beside it."""
        schema = handler(core_schema)
        tag = schema["discriminator"]["propertyName"]
        schema["anyOf"] = schema.pop("oneOf")
        schema["required"] = [tag]
        members = {}
        for member in schema["anyOf"]:
            definition = handler.resolve_ref_schema(member)
            definition["required"] = sorted({tag, *definition.get("required", [])})
            members[definition["properties"][tag]["const"]] = _take_bounds(definition)
        names = ", ".join(members)
        rules = [
            _unless({tag: {"enum": list(members)}}, {"required": [f"{tag} to be one of {names}"]})
        ]
        rules += [
            {"if": {"properties": {tag: {"const": name}}}, "then": bounds}
            for name, bounds in members.items()
        ]
        # Beside `anyOf`, the UI takes an `allOf` for what it has to draw.
        schema["dependentSchemas"] = {tag: {"allOf": rules}}
        return schema


def _take_bounds(definition: dict[str, Any]) -> dict[str, Any]:
    """Move the bounds of a member's parameters from its description to a schema of their own.

    A parameter of another type is said to be required with that type: of the errors of a union,
    validators show such a one, as it is not of a single member.
    """
    bounds = {}
    types = []
    for name, described in definition["properties"].items():
        bounds[name] = _pop_bounds(described)
        if "const" not in described:
            kind = {key: described[key] for key in ("type", "enum", "anyOf") if key in described}
            types.append(_unless({name: kind}, {"required": [f"{name} to be {_allowed(kind)}"]}))
    strict = {"properties": bounds, "required": definition["required"]}
    if types:
        strict["allOf"] = types
    if "additionalProperties" in definition:
        strict["additionalProperties"] = definition.pop("additionalProperties")
    return strict


def _pop_bounds(described: dict[str, Any]) -> dict[str, Any]:
    if "anyOf" not in described:
        return {key: described.pop(key) for key in _BOUNDS & described.keys()}
    bounds = {"anyOf": deepcopy(described["anyOf"])}
    for one in described["anyOf"]:
        _pop_bounds(one)
    return bounds


def _unless(properties: dict[str, Any], otherwise: dict[str, Any]) -> dict[str, Any]:
    return {"if": {"properties": properties}, "else": otherwise}


def _allowed(kind: dict[str, Any]) -> str:
    if "enum" in kind:
        return f"one of {', '.join(map(str, kind['enum']))}"
    if "anyOf" in kind:
        return " or ".join(_allowed(one) for one in kind["anyOf"])
    return _TYPES.get(kind.get("type", ""), "an object")
