"""How a choice between models of parameters is shown in a form."""

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

_BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}


class Tabs:
    """Annotates a union told apart by a tag: the Prefect UI draws it as one tab a member.

    Pydantic describes such a union by ``oneOf``, which the UI shows as text to edit. ``anyOf``
    allows the same values, as no two members have the same tag, if only the tag is required.

    Prefect's server answers with the deepest error among those of all members, if there is one
    that is deepest. So a member refuses another tag as a whole, and not at the tag, and holds only
    values of its own tag against its bounds: what is left deepest is the parameter that is out of
    bounds, and the answer names it, its value and the bound.
    """

    def __get_pydantic_json_schema__(
        self, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe the union by ``anyOf``."""
        schema = handler(core_schema)
        tag = schema["discriminator"]["propertyName"]
        schema["anyOf"] = schema.pop("oneOf")
        schema["required"] = [tag]
        for member in schema["anyOf"]:
            definition = handler.resolve_ref_schema(member)
            definition["required"] = sorted({tag, *definition.get("required", [])})
            _refuse_only_its_own(definition, tag)
        # One member says which tags there are: of equal errors the server would name none.
        first, *_ = (handler.resolve_ref_schema(member) for member in schema["anyOf"])
        known = list(schema["discriminator"]["mapping"])
        first["else"]["properties"] = {tag: {"enum": known}}
        return schema


def _refuse_only_its_own(definition: JsonSchemaValue, tag: str) -> None:
    """Check bounds and names only where the tag is that of this member."""
    fields = definition["properties"]
    if "if" in definition:  # described before, for another field of the same form
        return
    bounds = {
        name: {key: field.pop(key) for key in _BOUNDS & set(field)}
        for name, field in fields.items()
    }
    fields[tag].pop("const", None)
    definition["if"] = {"properties": {tag: {"const": fields[tag]["default"]}}, "required": [tag]}
    definition["then"] = {"type": "object", "properties": bounds}
    if "additionalProperties" in definition:
        definition["then"]["additionalProperties"] = definition.pop("additionalProperties")
    definition["else"] = {"not": {}}
