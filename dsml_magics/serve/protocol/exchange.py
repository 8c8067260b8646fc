"""Requests and answers as values, of whatever protocol."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.package.contract import Contract
from dsml_magics.serve.settings import Limits

JSON = b"application/json"


class Refusal(Exception):
    """A request that is not answered: the status, and what was expected, got, and is to be done."""

    def __init__(
        self,
        status: int,
        message: str,
        *,
        details: Sequence[Mapping[str, Any]] = (),
        headers: Sequence[tuple[bytes, bytes]] = (),
    ) -> None:
        super().__init__(message)
        self.status, self.message, self.details, self.headers = status, message, details, headers


@dataclass(frozen=True)
class Rows:
    """The rows of a request.

    Attributes
    ----------
    columns
        Values by column, in the order of the contract.
    count
        How many rows.
    extra
        Names of columns that the contract does not know; they were left out.
    tensor
        The rows of a model that takes arrays of other than two dimensions.
    """

    columns: Sequence[Sequence[Any]]
    count: int
    extra: Sequence[str] = ()
    tensor: Any = None


@dataclass(frozen=True)
class Reply:
    """An answer: its body may be in pieces."""

    body: bytes
    status: int = 200
    type: bytes = JSON
    headers: Sequence[tuple[bytes, bytes]] = field(default=())


def too_slow(limits: Limits) -> Refusal:
    """Make the refusal of rows that were not answered in time."""
    return Refusal(504, f"Expected an answer within {limits.seconds:g} s. Send fewer rows.")


def require_rows(count: int, limits: Limits) -> None:
    """Refuse more rows than the limits allow, with 413."""
    if count > limits.rows:
        raise Refusal(413, f"Expected at most {limits.rows:,} rows, got {count:,}.")


def rows_of(
    given: Mapping[str, Sequence[Any]], contract: Contract, *, names: Collection[str] | None = None
) -> Rows:
    """Return columns given by name in the order of the contract.

    Parameters
    ----------
    names
        Names of all columns that came, if `given` has only those of the contract.

    Raises
    ------
    Refusal
        One is missing, or they are not of one length, or the model takes no columns.
    """
    if not contract.columns:
        raise Refusal(422, f"Expected arrays of shape {list(contract.shape or ())}, got columns.")
    columns = [given[name] if name in given else missing(name) for name in contract.names]
    count = len(columns[0])
    if any(len(column) != count for column in columns):
        raise Refusal(400, "Expected columns of one length.")
    return Rows(columns, count, extra_of(given if names is None else names, contract))


def extra_of(names: Any, contract: Contract) -> Sequence[str]:
    """List the names that the contract does not know."""
    known = frozenset(contract.names)
    return () if len(names) == len(known) else [str(name) for name in names if name not in known]


def missing(name: str) -> Any:
    """Refuse a request without a column."""
    raise Refusal(
        422,
        f"Expected the column {name!r}, got none.",
        details=[{"row": None, "column": name, "expected": "a value", "got": "no such column"}],
    )
