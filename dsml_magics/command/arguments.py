"""What the arguments of commands can be, and what a word for one of them means."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from os import PathLike
from typing import Annotated, Any, Literal

from dsml_magics.command.tree import check_expression
from dsml_magics.command.words import Word
from dsml_magics.errors import DsmlError, ExpressionFailed, NameNotFound, UsageError, hint

Role = Literal["frame", "model", "column", "file", "notebook", "reference", "setting"]


@dataclass(frozen=True, slots=True)
class Kind:
    """What an argument stands for: how a word for it is read and completed."""

    role: Role

    @property
    def is_expression(self) -> bool:
        """Whether a word may be a Python expression of the notebook's namespace."""
        return self.role in ("frame", "model")


PathText = str | PathLike[str]
Frame = Annotated[Any, Kind("frame")]
"""A table: any frame, or the path or URL of one."""
Model = Annotated[Any, Kind("model")]
"""A fitted model: anything with ``predict``, a function, or the path or URI of one."""
Column = Annotated[str, Kind("column")]
"""The name of a column of the command's first frame."""
Target = Annotated[Any, Kind("column")]
"""The column to be predicted, by its name, or its values."""
File = Annotated[PathText, Kind("file")]
"""A file to write."""
Notebook = Annotated[PathText, Kind("notebook")]
"""A notebook to read."""
Reference = Annotated[str, Kind("reference")]
"""A packaged model: ``name``, ``name@alias``, ``name@3``, a ``models:/`` or ``runs:/`` URI, or a folder."""
Setting = Annotated[str, Kind("setting")]
"""A name with its value: ``depth=3``. Commas are part of the value."""

_SHOWN = 80
_PATH = re.compile(
    r"""[a-zA-Z][a-zA-Z0-9+.-]*:/        # a URL: s3://, models:/
    | ~?/ | \.\.?/ | ~                   # a path by its look: /a, ./a, ../a, ~/a
    | .*\.(csv|tsv|parquet|pq|jsonl|ndjson|json|arrow|feather|ipc|ipynb|pkl|pickle|joblib|skops)
      (\.(gz|bz2|zst|xz|lz4))?$          # or by its ending
    | .*/$""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Expression:
    """Python source to be evaluated in the notebook's namespace."""

    source: str

    def evaluate(self, namespace: Mapping[str, Any]) -> Any:
        """Evaluate in a copy of `namespace`.

        Raises
        ------
        NameNotFound, ExpressionFailed
            A name is missing, or the expression raised.
        """
        # The copy serves as globals: names inside comprehensions and lambdas are looked up there.
        scope = dict(namespace)
        try:
            return eval(self.source, scope)  # noqa: S307  the user's own words, as in a cell
        except DsmlError:
            raise
        except NameError as error:
            missing = error.name or self.source
            known = [name for name in namespace if not name.startswith("_")]
            raise NameNotFound(f"No name {missing!r} here. {hint(missing, known)}") from error
        except Exception as error:
            raise ExpressionFailed(f"`{self.source}` raised {type(error).__name__}: {error}") from error

    def __str__(self) -> str:
        return self.source


def is_path(word: str) -> bool:
    """Tell whether a bare word is a path or URL rather than Python, by its look alone.

    It must not depend on the namespace: the converter has none and must read the word the same way.

    Examples
    --------
    >>> is_path("data/train.parquet"), is_path("train"), is_path("train.age / 2")
    (True, False, False)
    """
    return _PATH.match(word) is not None


def argument_of(word: str, kind: Kind) -> "Expression | str":
    """Read the word given for an argument that may be an expression."""
    quoting = word.quoting if isinstance(word, Word) else "shell"
    if quoting in ("shell", "quoted") or (quoting == "bare" and is_path(word)):
        return interpolated(word) if quoting != "shell" else str(word)
    filled = interpolated(word) if word.startswith("{") else None
    return (
        filled
        if isinstance(filled, Expression) and filled.source.isidentifier()
        else Expression(_checked(word, kind))
    )


def interpolated(text: str) -> "Expression | str":
    """Read ``{name}`` in a notebook's word as IPython does: filled in from the namespace.

    Examples
    --------
    >>> interpolated("run-{seed}"), interpolated("{name}"), interpolated("plain")
    (Expression(source='f"run-{seed}"'), Expression(source='name'), 'plain')
    """
    if "{" not in text:
        return str(text)
    whole = re.fullmatch(r"\{([^{}]+)\}", text)
    source = whole.group(1) if whole else "f" + _quote(text)
    try:
        check_expression(source)
    except SyntaxError:
        return str(text)
    return Expression(source)


def python_of(value: object) -> str:
    """Write an argument as Python source.

    Examples
    --------
    >>> python_of(Expression("train")), python_of("income"), python_of(["a", 1])
    ('train', '"income"', '["a", 1]')
    """
    if isinstance(value, Expression):
        return value.source
    if isinstance(value, str):
        return _quote(value)
    if isinstance(value, list | tuple):
        return "[" + ", ".join(python_of(item) for item in value) + "]"
    return repr(value)


def evaluated(value: Any, namespace: Mapping[str, Any]) -> Any:
    """Give the value an argument has in a namespace."""
    if isinstance(value, list):
        return [evaluated(item, namespace) for item in value]
    return value.evaluate(namespace) if isinstance(value, Expression) else value


def _quote(text: str) -> str:
    source = repr(text)
    return source if '"' in text else f'"{source[1:-1]}"'.replace("\\'", "'")


def _checked(source: str, kind: Kind) -> str:
    try:
        check_expression(source)
    except SyntaxError as error:
        raise UsageError(
            f"Expected a {kind.role} (a name, an expression or a path), got `{_shortened(source)}`: {error.msg}. "
            "Put an expression with blanks into parentheses, a path into quotes."
        ) from error
    return str(source)


def _shortened(source: str) -> str:
    return source if len(source) <= _SHOWN else f"{source[:_SHOWN]}…"
