"""The commands there are: each a typed function, registered by `@command`."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from dsml_magics.command.arguments import Kind


@dataclass(frozen=True)
class Command:
    """A registered function and what its signature says."""

    function: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.function.__name__

    @cached_property
    def signature(self) -> inspect.Signature:
        return inspect.signature(self.function, eval_str=True)

    @property
    def summary(self) -> str:
        """The first line of the docstring."""
        return (inspect.getdoc(self.function) or "").partition("\n")[0]

    @property
    def is_block(self) -> bool:
        """Whether the command is a context manager: a cell magic in a notebook, a ``with`` in Python."""
        return hasattr(self.signature.return_annotation, "__enter__")

    @property
    def options(self) -> Mapping[str, inspect.Parameter]:
        """Keyword-only parameters by the option that sets them."""
        found = self.signature.parameters.values()
        return {
            option_of(parameter): parameter for parameter in found if parameter.kind is parameter.KEYWORD_ONLY
        }

    @property
    def positionals(self) -> list[inspect.Parameter]:
        found = self.signature.parameters.values()
        return [parameter for parameter in found if parameter.kind is not parameter.KEYWORD_ONLY]


def option_of(parameter: inspect.Parameter) -> str:
    """Write the option that sets a keyword-only parameter, as the shell's words are; `from_` is ``--from``."""
    return f"--{parameter.name.rstrip('_').replace('_', '-')}"


def kind_of(parameter: inspect.Parameter) -> Kind | None:
    """Find the `Kind` in a parameter's annotation, or None for a plain value."""
    return next((item for item in _parts(parameter.annotation) if isinstance(item, Kind)), None)


def choices_of(parameter: inspect.Parameter) -> tuple[str, ...]:
    """List the words a parameter allows, none where any will do."""
    parts = _parts(parameter.annotation)
    return tuple(str(word) for part in parts if get_origin(part) is Literal for word in get_args(part))


def is_list(parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter takes several words, as ``a,b`` or by repeating its option."""
    members = get_args(parameter.annotation) or (parameter.annotation,)
    return any(get_origin(member) is list for member in (parameter.annotation, *members))


def _parts(annotation: Any) -> list[Any]:
    """Flatten ``Annotated[...] | None`` and its like into its members."""
    if get_origin(annotation) is Annotated:
        base, *extras = get_args(annotation)
        return [*_parts(base), *extras]
    if get_origin(annotation) is Literal:
        return [annotation]
    return [part for member in get_args(annotation) for part in _parts(member)] or [annotation]


F = TypeVar("F", bound=Callable[..., Any])

_registry: dict[str, Command] = {}
commands: Mapping[str, Command] = MappingProxyType(_registry)
"""Every command by name. Importing `dsml_magics` fills it."""


def command(function: F) -> F:
    """Register a typed function as a command, and return it unchanged.

    A function that returns a context manager becomes a cell magic. The signature uses builtins and
    the aliases of `dsml_magics.command.arguments` only: every face resolves it at run time.
    """
    registered = Command(function)
    registered.signature  # noqa: B018  an annotation that cannot be resolved must fail here, not at first use
    _registry[registered.name] = registered
    return function
