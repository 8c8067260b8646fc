"""What a command's signature says of one parameter."""

import inspect
from typing import Annotated, Any, Literal, get_args, get_origin

from dsml_magics.command.arguments import Kind


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


def takes_values(parameter: inspect.Parameter) -> bool:
    """Tell whether a parameter takes values as well as the text that its kind stands for: its type is not text alone."""
    return any(base is Any for base in _parts(parameter.annotation))


def _parts(annotation: Any) -> list[Any]:
    """Flatten ``Annotated[...] | None`` and its like into its members."""
    if get_origin(annotation) is Annotated:
        base, *extras = get_args(annotation)
        return [*_parts(base), *extras]
    if get_origin(annotation) is Literal:
        return [annotation]
    return [part for member in get_args(annotation) for part in _parts(member)] or [annotation]
