"""The commands there are: each a typed function, registered by `@command`."""

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, wraps
from threading import RLock
from typing import Any, TypeVar

from dsml_magics.command.boundary import shortened
from dsml_magics.command.parameter import option_of
from dsml_magics.command.python import bind_arguments
from dsml_magics.errors import DsmlError


@dataclass(frozen=True)
class Command:
    """A registered function and what its signature says."""

    function: Callable[..., Any]

    @property
    def name(self) -> str:
        return self.function.__name__

    @property
    def body(self) -> Callable[..., Any]:
        """The function without what is for Python users alone."""
        body: Callable[..., Any] = inspect.unwrap(self.function)
        return body

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


F = TypeVar("F", bound=Callable[..., Any])

_registry: dict[str, Command] = {}
_waiting: list[Callable[[str | None], None]] = []
_lock = RLock()


class _Commands(Mapping[str, Command]):
    """The registry, filled when somebody first looks: who calls one command need not load all."""

    def __getitem__(self, name: str) -> Command:
        for load in _waiting if name not in _registry else ():
            load(name)
        return _registry[name] if name in _registry else _filled()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(_filled())

    def __len__(self) -> int:
        return len(_filled())


commands: Mapping[str, Command] = _Commands()
"""Every command by name."""


def fill_from(load: Callable[[str | None], None]) -> None:
    """Have modules of commands loaded by `load` when they are needed: that of one name, or all of them for None."""
    _waiting.append(load)


def _filled() -> dict[str, Command]:
    with _lock:
        while _waiting:
            # While it loads, what is loaded may look here, too.
            load = _waiting.pop()
            try:
                load(None)
            except BaseException:
                _waiting.append(load)
                raise
    return _registry


def command(function: F) -> F:
    """Register a typed function as a command, and return what Python users call.

    That takes what they write, such as one name for a list of one, and its errors end in their own line.
    A function that returns a context manager becomes a cell magic. The signature uses builtins and
    the aliases of `dsml_magics.command.arguments` only: every face resolves it at run time.
    """

    @wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        try:
            bound = bind_arguments(function, registered.signature, args, kwargs)
            return function(*bound.args, **bound.kwargs)
        except DsmlError as error:
            raise shortened(error)  # noqa: B904  it is the same error

    registered = Command(call)
    registered.signature  # noqa: B018  an annotation that cannot be resolved must fail here, not at first use
    _registry[registered.name] = registered
    return call  # type: ignore[return-value]
