"""The contract of a package: what its input must look like, and what it answers."""

import datetime as dt
import json
import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal, get_args

from dsml_magics.errors import ColumnNotFound, ContractUnusable, hint

FILE = "dsml/contract.json"
SCHEMA = "dsml.contract/1"

Type = Literal[
    "boolean", "integer", "number", "string", "datetime", "date", "time", "duration", "binary", "any"
]
Policy = Literal["refuse", "warn", "clip"]
Form = Literal["frame", "array"]
ORDERED: tuple[Type, ...] = ("integer", "number", "datetime", "date")
"""Types that can have a range."""


@dataclass(frozen=True)
class Rule:
    """What the values of one column must be.

    Attributes
    ----------
    type
        ``integer`` takes whole numbers of any width, also as floats; ``number`` integers too; ``any`` everything.
    nullable
        Whether a value may be missing.
    min, max
        The least and the greatest value allowed, for numbers, dates and moments (as ISO text); None for no limit.
    categories
        The values there are; None if there may be others.
    policy
        What a value beyond the range or the categories means: ``refuse`` the row, ``warn`` and answer, or ``clip`` it to
        the range. A value of another type, or one missing that must not be, is always refused.
    categorical
        Whether the model takes the column as pandas' categorical of just these categories.
    """

    name: str
    type: Type = "any"
    nullable: bool = True
    min: float | int | str | None = None
    max: float | int | str | None = None
    categories: tuple[Any, ...] | None = None
    policy: Policy = "refuse"
    categorical: bool = False

    def __post_init__(self) -> None:
        _check(self)

    @property
    def expected(self) -> str:
        """What is expected, in words."""
        words: list[str] = [self.type if self.type != "any" else "any value"]
        if self.min is not None and self.max is not None:
            words.append(f"from {self.min} to {self.max}")
        elif self.min is not None:
            words.append(f"from {self.min} on")
        elif self.max is not None:
            words.append(f"up to {self.max}")
        if self.categories is not None:
            words.append(f"one of {len(self.categories)} categories")
        return " ".join(words) + (" or nothing" if self.nullable else "")


@dataclass(frozen=True)
class Contract:
    """What the input of a package must look like; a column that is not named is ignored.

    Attributes
    ----------
    columns
        The columns in the order the model takes them; none for arrays of other than two dimensions.
    form
        Whether the model takes a pandas ``frame`` or a numpy ``array``.
    dtype, shape
        Of an array: its type, and the length of each dimension but the first.
    answer
        Of what `predict` returns: ``dtype`` and ``shape`` without the first dimension.
    """

    columns: tuple[Rule, ...] = ()
    form: Form = "frame"
    dtype: str | None = None
    shape: tuple[int, ...] | None = None
    answer: Mapping[str, Any] | None = None

    @property
    def names(self) -> list[str]:
        """The names of the columns."""
        return [rule.name for rule in self.columns]

    def __getitem__(self, name: str) -> Rule:
        """Return the rule of a column.

        Raises
        ------
        ColumnNotFound
            With the nearest name there is.
        """
        for rule in self.columns:
            if rule.name == name:
                return rule
        raise ColumnNotFound(f"No column {name!r} in the contract. {hint(name, self.names)}")

    def changed(self, name: str, /, **changes: Any) -> "Contract":
        """Return a contract with another rule for a column.

        Examples
        --------
        >>> contract = Contract((Rule("age", "integer", min=17, max=90),))
        >>> contract.changed("age", max=120)["age"].max
        120
        """
        new = replace(self[name], **changes)
        return replace(self, columns=tuple(new if rule.name == name else rule for rule in self.columns))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema": SCHEMA,
            "form": self.form,
            "dtype": self.dtype,
            "shape": self.shape,
            "answer": dict(self.answer) if self.answer else None,
            "columns": [asdict(rule) for rule in self.columns],
        }

    def to_json(self) -> str:
        """Return the contract as JSON text, to be read by `from_json` after it was edited."""
        return json.dumps(self.to_dict(), indent=2, ensure_ascii=False, default=str) + "\n"

    @classmethod
    def from_json(cls, text: str) -> "Contract":
        """Read a contract.

        Raises
        ------
        ContractUnusable
            The text is none; the message says where.
        """
        try:
            content = json.loads(text)
        except ValueError as error:
            raise ContractUnusable(f"Expected a contract in JSON, but: {error}.") from None
        if not isinstance(content, dict) or content.get("schema") != SCHEMA:
            raise ContractUnusable(f"Expected a contract with the schema {SCHEMA!r}, got another.")
        return cls(
            tuple(_rule(each) for each in _list(content, "columns")),
            form="array" if content.get("form") == "array" else "frame",
            dtype=content.get("dtype"),
            shape=None if content.get("shape") is None else tuple(_list(content, "shape")),
            answer=content.get("answer"),
        )

    def __str__(self) -> str:
        if not self.columns:
            return f"an array of {self.dtype}, shape (rows, {', '.join(map(str, self.shape or ()))})"
        width = max(len(rule.name) for rule in self.columns)
        return "\n".join(f"{rule.name:<{width}}  {rule.expected}" for rule in self.columns)


def read_contract(path: str | Path) -> Contract:
    """Read a contract from a file.

    Raises
    ------
    ContractUnusable
        There is none, or it is damaged.
    """
    try:
        return Contract.from_json(Path(path).expanduser().read_bytes().decode())
    except (OSError, UnicodeDecodeError) as error:
        raise ContractUnusable(f"Expected a contract in {str(path)!r}, but: {error}.") from None


def _list(content: Mapping[str, Any], key: str) -> Sequence[Any]:
    found = content.get(key)
    if not isinstance(found, list):
        raise ContractUnusable(f"Expected a list for {key!r} in the contract, got {type(found).__name__}.")
    return found


def _rule(content: Any) -> Rule:
    known = Rule.__dataclass_fields__
    if not isinstance(content, dict) or not isinstance(content.get("name"), str):
        raise ContractUnusable("Expected a column with a name in the contract, got none.")
    if odd := [key for key in content if key not in known]:
        raise ContractUnusable(f"No property {odd[0]!r} of column {content['name']!r}. {hint(odd[0], known)}")
    categories = content.get("categories")
    if categories is not None and not isinstance(categories, list):
        raise ContractUnusable(f"Expected a list of categories of column {content['name']!r}.")
    for key in ("nullable", "categorical"):
        if key in content and not isinstance(content[key], bool):
            raise ContractUnusable(f"Expected true or false for {key} of column {content['name']!r}.")
    for key in ("min", "max"):
        _check_end(content.get(key), content["name"])
    return Rule(**{**content, "categories": None if categories is None else tuple(categories)})


def _check_end(end: Any, name: str) -> None:
    is_good = end is None or (isinstance(end, int | float) and math.isfinite(end))
    if isinstance(end, str):
        with suppress(ValueError):
            is_good = bool(dt.datetime.fromisoformat(end))
    if not is_good:
        raise ContractUnusable(
            f"Expected a number or an ISO date for the range of column {name!r}, got {end!r}."
        )


def _check(rule: Rule) -> None:
    for value, known in ((rule.type, get_args(Type)), (rule.policy, get_args(Policy))):
        if value not in known:
            raise ContractUnusable(
                f"Expected one of {', '.join(known)} for column {rule.name!r}, got {value!r}."
            )
    ends = [end for end in (rule.min, rule.max) if end is not None]
    numeric = rule.type in ("integer", "number")
    if ends and rule.type not in ORDERED:
        raise ContractUnusable(f"Expected no range for column {rule.name!r}, which is of type {rule.type}.")
    if any(isinstance(end, bool) or isinstance(end, str) is numeric for end in ends):
        kind = "numbers" if numeric else "ISO text"
        raise ContractUnusable(f"Expected {kind} for the range of column {rule.name!r}, got {ends}.")
    if len(ends) == 2 and ends[0] > ends[1]:  # type: ignore[operator]
        raise ContractUnusable(f"Expected min <= max for column {rule.name!r}, got {ends[0]} and {ends[1]}.")
    if rule.categorical and rule.categories is None:
        raise ContractUnusable(f"Expected categories for column {rule.name!r}, which is categorical.")
    if rule.policy == "clip" and not ends:
        raise ContractUnusable(f"Expected a range to clip column {rule.name!r} to, got none.")
