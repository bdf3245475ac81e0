"""How a choice between models of parameters is shown in a form."""

from pydantic import GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Tabs:
    """Annotates a union told apart by a tag: the Prefect UI draws it as one tab a member.

    Pydantic describes such a union by ``oneOf``, which the UI shows as text to edit. ``anyOf``
    allows the same values, as no two members have the same tag, if only the tag is required.
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
        return schema
