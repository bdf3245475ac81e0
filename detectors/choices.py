"""A choice between algorithms, by name or by their configs, and what is wrong with a bad one."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, Generic, TypeVar, get_args

from pydantic import TypeAdapter, ValidationError
from pydantic_core import ErrorDetails

from detectors.catalogue import AlgorithmInfo, algorithm_name, describe, describe_parameters
from detectors.config import AlgorithmConfig
from detectors.errors import DetectorError

Config = TypeVar("Config", bound=AlgorithmConfig)


class Choices(Generic[Config]):
    """The configs of a union told apart by ``algorithm``, the default first."""

    def __init__(self, union: Any) -> None:
        members = get_args(get_args(union)[0])
        self._configs: dict[str, type[Config]] = {algorithm_name(each): each for each in members}
        self._adapter: TypeAdapter[Config] = TypeAdapter(union)

    def describe(self) -> list[AlgorithmInfo]:
        """Return what there is to choose, the default first."""
        return [describe(config) for config in self._configs.values()]

    def parse(self, choice: Mapping[str, Any]) -> Config:
        """Return the config that ``choice`` describes.

        Raises:
            DetectorError: an unknown algorithm or parameter, or a value out of bounds; the message
                says what would be valid.
        """
        config = self._config_class(choice.get("algorithm"))
        try:
            return self._adapter.validate_python(choice)
        except ValidationError as error:
            problems = "; ".join(_explain(config, problem) for problem in error.errors())
            raise DetectorError(f"{algorithm_name(config)}: {problems}") from None

    def _config_class(self, name: object) -> type[Config]:
        if isinstance(name, str) and name in self._configs:
            return self._configs[name]
        known = f"choose one of {', '.join(self._configs)}"
        if name is None:
            raise DetectorError(f"no algorithm named: {known}")
        suggestion = _suggest(str(name), self._configs)
        raise DetectorError(f"unknown algorithm {name!r}{suggestion}: {known}")


def _explain(config: type[AlgorithmConfig], problem: ErrorDetails) -> str:
    """Say in one clause what is wrong with a parameter, and what would be right."""
    name = str(problem["loc"][-1])
    parameters = {info.name: info for info in describe_parameters(config)}
    if name in parameters:
        return f"{name} must be {parameters[name].allowed}, got {problem['input']!r}"
    known = f"parameters are {', '.join(parameters)}" if parameters else "there are no parameters"
    return f"unknown parameter {name!r}{_suggest(name, parameters)}: {known}"


def _suggest(name: str, known: Mapping[str, object]) -> str:
    closest = get_close_matches(name, known, n=1)
    return f", did you mean {closest[0]!r}?" if closest else ""
