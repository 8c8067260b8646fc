"""A command with its arguments: it can be run in a namespace, or write itself as Python."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsml_magics.command.arguments import evaluated, python_of
from dsml_magics.command.naming import evaluated_from
from dsml_magics.command.registry import Command


@dataclass(frozen=True, slots=True)
class Call:
    """A command and its bound arguments, whose expressions are not evaluated yet."""

    command: Command
    positional: tuple[Any, ...]
    keyword: Mapping[str, Any]

    def run(self, namespace: Mapping[str, Any]) -> Any:
        """Evaluate the expressions in `namespace` and call the function."""
        positional = [evaluated(value, namespace) for value in self.positional]
        keyword = {name: evaluated(value, namespace) for name, value in self.keyword.items()}
        values = [*positional, *keyword.values()]
        with evaluated_from(zip((*self.positional, *self.keyword.values()), values, strict=True), namespace):
            return self.command.body(*positional, **keyword)

    def to_python(self, module: str = "dsml") -> str:
        """Write the same call as Python source, the package being known as `module`."""
        arguments = [python_of(value) for value in self.positional]
        arguments += [f"{name}={python_of(value)}" for name, value in self.keyword.items()]
        return f"{module}.{self.command.name}({', '.join(arguments)})"
