"""What there is to choose: algorithms and their parameters, read from the configs."""

import inspect
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from detectors.config import AlgorithmConfig


@dataclass(frozen=True)
class ParameterInfo:
    """One parameter of an algorithm.

    Attributes:
        type: integer, number, string or boolean.
        default: None where the algorithm chooses by itself, as the description says.
        min: smallest value, or the value it must be above when ``above_min``.
        max: largest value.
        options: the values to choose from; empty when any within the bounds will do.
    """

    name: str
    label: str
    type: str
    default: Any
    min: float | None
    max: float | None
    options: tuple[str, ...]
    description: str
    above_min: bool = False

    @property
    def allowed(self) -> str:
        """The values the parameter may have, in words."""
        if self.options:
            return f"one of {', '.join(self.options)}"
        kinds = {"integer": "a whole number", "number": "a number", "boolean": "true or false"}
        kind = kinds.get(self.type, "text")
        if self.min is None or self.max is None or self.above_min:
            return ", ".join([kind, *self._bounds()])
        return f"{kind} from {self.min:g} to {self.max:g}"

    def _bounds(self) -> Iterator[str]:
        if self.min is not None:
            yield f"above {self.min:g}" if self.above_min else f"at least {self.min:g}"
        if self.max is not None:
            yield f"at most {self.max:g}"


@dataclass(frozen=True)
class AlgorithmInfo:
    """One algorithm, as a person chooses it.

    Attributes:
        default_threshold: the score above which an online detector labels a row if nothing else is
            chosen; None for a batch detector, whose threshold follows from the data.
    """

    name: str
    display_name: str
    description: str
    category: str
    parameters: tuple[ParameterInfo, ...]
    pros: tuple[str, ...]
    cons: tuple[str, ...]
    best_for: str
    requires_scaling: bool
    default_threshold: float | None


def describe(config: type[AlgorithmConfig]) -> AlgorithmInfo:
    """Return what the config class of an algorithm says of it."""
    return AlgorithmInfo(
        name=algorithm_name(config),
        display_name=config.display_name,
        # A module holds one algorithm, and its first line says what that measures.
        description=inspect.getdoc(sys.modules[config.__module__]) or "",
        category=config.category,
        parameters=describe_parameters(config),
        pros=config.pros,
        cons=config.cons,
        best_for=config.best_for,
        requires_scaling=config.requires_scaling,
        default_threshold=config.default_threshold,
    )


def algorithm_name(config: type[AlgorithmConfig]) -> str:
    """Return the name under which a config is chosen."""
    return str(config.model_fields["algorithm"].default)


def describe_parameters(config: type[AlgorithmConfig]) -> tuple[ParameterInfo, ...]:
    """Return the parameters of an algorithm, in the order of their definition."""
    properties = config.model_json_schema()["properties"]
    return tuple(
        _describe_parameter(name, schema)
        for name, schema in properties.items()
        if name != "algorithm"
    )


def _describe_parameter(name: str, schema: dict[str, Any]) -> ParameterInfo:
    # An optional parameter is a choice between its type and null.
    (value,) = [kind for kind in schema.get("anyOf", [schema]) if kind["type"] != "null"]
    above_min = "exclusiveMinimum" in value
    return ParameterInfo(
        name=name,
        label=schema["title"],
        type=value["type"],
        default=schema["default"],
        min=value["exclusiveMinimum"] if above_min else value.get("minimum"),
        max=value.get("maximum"),
        options=tuple(value.get("enum", ())),
        description=schema["description"],
        above_min=above_min,
    )
