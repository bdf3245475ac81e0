"""``vigil algorithms``: what there is to choose from."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.home import command_line
from cli.options import AsJson
from cli.output import console, make_facts, make_table, print_json

if TYPE_CHECKING:
    from detectors.catalogue import AlgorithmInfo, ParameterInfo


def algorithms(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="One algorithm, with its parameters.")
    ] = None,
    online: Annotated[
        bool, typer.Option("--online", help="Those of streams, which learn row by row.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """List the algorithms, or describe one."""
    from cli.shapes import AlgorithmShape, PageShape
    from detectors.registry import (
        algorithms,
        online_algorithms,
        parse_config,
        parse_online_config,
    )

    every = online_algorithms() if online else algorithms()
    if name is None:
        if as_json:
            items = [AlgorithmShape.model_validate(info) for info in every]
            total = len(items)
            print_json(PageShape(items=items, offset=0, limit=total, total=total))
        else:
            _print_all(every, online=online)
        return
    chosen = (parse_online_config if online else parse_config)(name).algorithm
    [info] = [info for info in every if info.name == chosen]
    if as_json:
        print_json(AlgorithmShape.model_validate(info))
    else:
        _print_one(info, online=online)


def _print_all(every: "list[AlgorithmInfo]", *, online: bool) -> None:
    table = make_table("name", "category", "best for")
    for info in every:
        table.add_row(info.name, info.category, info.best_for)
    out = console()
    out.print(table)
    more = command_line("algorithms", *(("--online",) if online else ()))
    out.print(f"\nThe default is {every[0].name}. Parameters, pros and cons: {more} NAME")


def _print_one(info: "AlgorithmInfo", *, online: bool) -> None:
    out = console()
    out.print(f"{info.display_name} ({info.name})", style="bold")
    out.print(info.description)
    out.print()
    facts = [("category", info.category), ("best for", info.best_for)]
    facts += [("pro", pro) for pro in info.pros] + [("con", con) for con in info.cons]
    facts.append(("scaling", "done for you" if info.requires_scaling else "not needed"))
    if info.default_threshold is not None:
        facts.append(("threshold", f"{info.default_threshold:g}, if you choose no other"))
    out.print(make_facts(facts))
    out.print()
    if not info.parameters:
        out.print("It has no parameters.")
        return
    table = make_table("parameter", "default", "allowed", "description")
    for parameter in info.parameters:
        table.add_row(parameter.name, _default(parameter), parameter.allowed, parameter.description)
    out.print(table)
    out.print()
    example = info.parameters[0]
    words = ("--algorithm", info.name, "--set", f"{example.name}={_default(example)}")
    command = ("backtest", "SOURCE") if online else ("detect", "SOURCE")
    out.print(f"For example: {command_line(*command, *words)}")


def _default(parameter: "ParameterInfo") -> str:
    if isinstance(parameter.default, bool) or parameter.default is None:
        return {True: "true", False: "false", None: "null"}[parameter.default]
    return str(parameter.default)
