"""The command line of a script: one option for each parameter of the notebook."""

from collections.abc import Sequence

from dsml_magics.pipeline.parameters import parameters_of
from dsml_magics.pipeline.scope import Scope
from dsml_magics.pipeline.script import rendered
from dsml_magics.pipeline.text import literal
from dsml_magics.pipeline.value import Cell, Parameter

_LITERALS = ("list", "dict", "tuple", "set")


def accepted(source: str, scope: Scope) -> tuple[Parameter, ...]:
    """Read the parameters; what cannot be one is warned of."""
    found, computed = parameters_of(source)
    for name in computed:
        scope.warn(f"`{name}` of the parameters cell is computed, so it is no option and ignores them.")
    return tuple(found)


def options_cell(parameters: Sequence[Parameter], scope: Scope, *, title: str) -> Cell:
    """Write the cell that reads the command line."""
    options, others = _sorted(parameters, scope)
    literals = any(parameter.kind in _LITERALS for parameter in options)
    names = {
        "read": scope.free("_options"),
        "file": scope.free("_parsed"),
        "options": scope.free("options"),
        "literal": scope.free("_literal") if literals else None,
    }
    scope.stands_in(name for name in names.values() if name)
    source = rendered(
        "options",
        title=literal(title),
        argparse=scope.module("argparse"),
        parameters=[(parameter, _arguments(parameter, scope)) for parameter in options],
        others=others,
        every=parameters,
        parser=scope.free("parser"),
        ast=scope.module("ast") if literals else None,
        **names,
    )
    return Cell(source)


def _sorted(parameters: Sequence[Parameter], scope: Scope) -> tuple[list[Parameter], list[Parameter]]:
    """Tell those that can be options from those whose option is taken: a file can still set them."""
    taken = {"--help", "--params"}
    options: list[Parameter] = []
    others: list[Parameter] = []
    for parameter in parameters:
        flags = _flags(parameter)
        if taken & flags:
            scope.warn(
                f"`{parameter.name}` is no option: {min(taken & flags)} is taken. A file of --params can set it."
            )
            others.append(parameter)
        else:
            taken |= flags
            options.append(parameter)
    return options, others


def _flags(parameter: Parameter) -> set[str]:
    flags = set(parameter.flags)
    return flags | {f"--no-{flag[2:]}" for flag in flags} if parameter.kind == "bool" else flags


def _arguments(parameter: Parameter, scope: Scope) -> list[str]:
    """Write the arguments of ``add_argument``; the default is the notebook's own variable."""
    text = parameter.help or f"{parameter.name} in the notebook"
    return [
        *map(literal, parameter.flags),
        _reading(parameter, scope),
        f"default={parameter.name}",
        f"help={literal(text.replace('%', '%%'))}",
    ]


def _reading(parameter: Parameter, scope: Scope) -> str:
    if parameter.kind == "bool":
        return f"action={scope.module('argparse')}.BooleanOptionalAction"
    if parameter.kind in _LITERALS:
        return f"type={scope.free('_literal')}({parameter.kind})"
    return f"type={parameter.kind}"
