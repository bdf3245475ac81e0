"""``vigil algorithms``: what there is to choose from."""

from difflib import get_close_matches
from typing import TYPE_CHECKING, Annotated

import typer

from cli.group import CommandError
from cli.home import command_line
from cli.options import AsJson
from cli.output import console, make_facts, make_table, print_json

if TYPE_CHECKING:
    from detectors.catalogue import AlgorithmInfo, ParameterInfo


def algorithms(
    name: Annotated[
        str | None,
        typer.Argument(metavar="NAME", help="One algorithm, of either kind, with its parameters."),
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
    info, online = _find(name, online=online)
    if as_json:
        print_json(AlgorithmShape.model_validate(info))
    else:
        _print_one(info, online=online)


def _find(name: str, *, online: bool) -> "tuple[AlgorithmInfo, bool]":
    """Return an algorithm and whether it is one of streams; those of tables first, by default.

    Raises:
        CommandError: there is none of this name.
    """
    from detectors.online.aliases import ALGORITHMS, resolve_aliases
    from detectors.registry import algorithms, online_algorithms

    batch = {info.name: info for info in algorithms()}
    streaming = {info.name: info for info in online_algorithms()}
    resolved = resolve_aliases({"algorithm": name})["algorithm"]
    if resolved in streaming and (online or name not in batch):
        return streaming[resolved], True
    if name in batch and not online:
        return batch[name], False
    if name in batch:
        raise CommandError(f"{name} is an algorithm for tables: leave --online out")
    known = [*streaming] if online else [*batch, *streaming]
    close = get_close_matches(name, [*known, *ALGORITHMS], n=3)
    near = dict.fromkeys(ALGORITHMS.get(each, each) for each in close)
    suggestion = f", did you mean {' or '.join(map(repr, near))}?" if near else ""
    raise CommandError(f"unknown algorithm {name!r}{suggestion}: choose one of {', '.join(known)}")


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
    facts = [("kind", _kind(info.name, online=online)), ("category", info.category)]
    facts.append(("best for", info.best_for))
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


def _kind(name: str, *, online: bool) -> str:
    from detectors.registry import algorithms, online_algorithms

    kind = "for streams, row by row" if online else "for tables"
    if any(info.name == name for info in (algorithms if online else online_algorithms)()):
        other = "tables, without --online" if online else "streams, with --online"
        return f"{kind}; there is one of this name for {other}"
    return kind


def _default(parameter: "ParameterInfo") -> str:
    if isinstance(parameter.default, bool) or parameter.default is None:
        return {True: "true", False: "false", None: "null"}[parameter.default]
    return str(parameter.default)
