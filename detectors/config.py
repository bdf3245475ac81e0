"""What the configuration of every algorithm, batch or online, says of it."""

from abc import ABC
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict


def _title_of_tab(config: type) -> str:
    name: str = getattr(config, "display_name", config.__name__)
    abbreviation: str | None = getattr(config, "abbreviation", None)
    return abbreviation or name


def _describe_tab(schema: dict[str, Any], config: type["AlgorithmConfig"]) -> None:
    schema["description"] = f"{config.display_name}: best for {config.best_for}."


def _label(name: str, field: object) -> str:
    words = name.replace("_", " ")
    return (f"number of {words[2:]}" if words.startswith("n ") else words).capitalize()


class AlgorithmConfig(BaseModel, ABC):
    """Parameters of one algorithm, and what a person needs to choose it.

    One definition feeds validation, the command line, ``vigil algorithms`` and the form in the
    Prefect UI, so every field has bounds, a literal default and a description. The form shows the
    algorithms as tabs, with ``display_name`` and ``best_for``.

    Attributes:
        abbreviation: what the tab says where the display name is long; all of them fit a screen.
        kernels: the module of ``detectors.kernels`` that the detector calls; None without one.
        default_threshold: the score above which an online detector labels a row if nothing else is
            chosen; None for a batch detector.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        allow_inf_nan=False,
        model_title_generator=_title_of_tab,
        json_schema_extra=_describe_tab,
        field_title_generator=_label,
    )

    display_name: ClassVar[str]
    abbreviation: ClassVar[str | None] = None
    category: ClassVar[str]
    best_for: ClassVar[str]
    pros: ClassVar[tuple[str, ...]]
    cons: ClassVar[tuple[str, ...]]
    requires_scaling: ClassVar[bool]
    kernels: ClassVar[str | None] = None
    default_threshold: ClassVar[float | None] = None

    algorithm: str
