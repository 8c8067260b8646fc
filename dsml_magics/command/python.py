"""Arguments of a command as Python users write them: one name for a list of one, a column for its name."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from inspect import BoundArguments, Parameter, Signature
from typing import Any

from dsml_magics.command.parameter import choices_of, is_list, kind_of, takes_values
from dsml_magics.errors import UsageError, hint, nearest
from dsml_magics.frames.names import distinct_names
from dsml_magics.frames.opening import is_table


def bind_arguments(
    function: Callable[..., Any], signature: Signature, args: Any, kwargs: Any
) -> BoundArguments:
    """Bind arguments to the parameters of a command, each in the form that its parameter takes.

    Raises
    ------
    UsageError
        An argument is missing, unknown, or of no use for its parameter.
    """
    try:
        bound = signature.bind(*args, **kwargs)
    except TypeError as error:
        unknown = [name for name in kwargs if name not in signature.parameters]
        meant = f" {hint(unknown[0], signature.parameters)}" if unknown else ""
        shown = example_call(function)
        raise UsageError(
            f"{function.__name__}: {error}.{meant}" + (f" Example: `{shown}`" if shown and not meant else "")
        ) from None
    _adapt(bound, signature)
    return bound


def example_call(function: Callable[..., Any]) -> str | None:
    """Return the first call in a command's docstring; None if there is none."""
    found = re.search(rf"dsml\.{function.__name__}\(.*\)", inspect.getdoc(function) or "")
    return found.group() if found else None


def _adapt(bound: BoundArguments, signature: Signature) -> None:
    roles = {name: _role(parameter) for name, parameter in signature.parameters.items()}
    frame = next((bound.arguments.get(name) for name, role in roles.items() if role == "frame"), None)
    for name, value in bound.arguments.items():
        if value is not None:
            bound.arguments[name] = _adapted(value, signature.parameters[name], frame)


def _adapted(value: Any, parameter: Parameter, frame: Any) -> Any:
    role = _role(parameter)
    if is_list(parameter):
        if isinstance(value, Mapping):
            return value
        return [_item(each, parameter, frame) for each in _listed(value)]
    if role == "column":
        is_name = not takes_values(parameter) or isinstance(value, int)
        return _column_name(value, parameter, frame) if is_name else value
    if isinstance(value, str) and (choices := choices_of(parameter)) and value not in choices:
        meant = nearest(value, choices)
        raise UsageError(
            f"Expected one of {', '.join(map(repr, choices))} as {parameter.name}, got {value!r}."
            + (f" Did you mean {meant!r}?" if meant else "")
        )
    if role in ("reference", "notebook", "file") and is_table(value):
        raise _refused("text", parameter, value)
    return value


def _listed(value: Any) -> list[Any]:
    is_one = isinstance(value, str) or _is_column(value) or not isinstance(value, Iterable)
    return [value] if is_one else list(value)


def _item(value: Any, parameter: Parameter, frame: Any) -> str:
    if _role(parameter) == "column":
        return _column_name(value, parameter, frame)
    if isinstance(value, str):
        return value
    raise _refused("text", parameter, value)


def _column_name(value: Any, parameter: Parameter, frame: Any) -> str:
    """Return the name of a column by the text it has in a `Table`."""
    if _is_column(value):
        _require_same(value, parameter, frame)
        value = value.name
    if not isinstance(value, str | int | float | tuple):
        raise _refused("the name of a column", parameter, value)
    return distinct_names([value]).texts[0]


def _require_same(column: Any, parameter: Parameter, frame: Any) -> None:
    """Refuse a column that has no name, or whose name is that of another column of the table."""
    if column.name is None or column.name == "":
        raise _refused("the name of a column", parameter, column)
    try:
        known = frame[column.name]
    except Exception:  # noqa: BLE001  a path, or a table without that column: what opens it says so
        return
    if known is not column and hasattr(known, "equals") and not known.equals(column):
        raise UsageError(
            f"Expected a column of the table as {parameter.name}, got other values by the name {column.name!r}. "
            "Add them to the table as a column of their own, and give its name."
        )


def _is_column(value: Any) -> bool:
    return type(value).__name__ == "Series" and hasattr(value, "name")


def _refused(expected: str, parameter: Parameter, value: object) -> UsageError:
    got = type(value).__name__ + (" without a name" if _is_column(value) else "")
    return UsageError(f"Expected {expected} as {parameter.name}, got {got}. Give it as text in quotes.")


def _role(parameter: Parameter) -> str | None:
    kind = kind_of(parameter)
    return kind.role if kind else None
