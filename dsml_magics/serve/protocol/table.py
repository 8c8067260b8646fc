"""Requests that are files: CSV and Parquet."""

import codecs
import io
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from dsml_magics.package.contract import Contract
from dsml_magics.package.reading import values_of
from dsml_magics.serve.protocol.exchange import Refusal, Rows, require_rows, rows_of
from dsml_magics.serve.settings import Limits

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
TABLES = (CSV, PARQUET)
ReadParquet = Callable[[bytes, Sequence[str]], tuple[list[str], Any]]
"""Reads the columns of a file with some names; returns the names of all columns, and a table of those."""
_COLUMNS = 10_000
_PIECE = 1 << 20
_LINE = re.compile(rb"[^\r\n]+")


def rows_of_table(
    body: bytes, kind: str, contract: Contract, limits: Limits, *, read_parquet: ReadParquet
) -> Rows:
    """Read a file of rows.

    Raises
    ------
    Refusal
        400 if it cannot be read, 413 if it is, or would become, too large.
    """
    try:
        names, table = _csv(body, contract) if kind == CSV else read_parquet(body, contract.names)
        _require_unique(names)
        require_rows(table.num_rows, limits)
        columns = {name: _values(table.column(name)) for name in contract.names if name in table.column_names}
    except Refusal:
        raise
    except Exception as error:  # noqa: BLE001  readers of files raise whatever they like; no value may be repeated
        raise Refusal(
            400, f"Expected a {kind} table, but it cannot be read ({type(error).__name__})."
        ) from None
    return rows_of(columns, contract, names=names)


def _require_unique(names: Sequence[str]) -> None:
    if len(set(names)) != len(names):
        raise Refusal(400, "Expected each column once, got one twice.")


def _values(column: Any) -> list[Any]:
    """Return a column as plain values; equal texts of a dictionary are one object."""
    import pyarrow as pa

    if not pa.types.is_dictionary(column.type):
        return values_of(column)
    found: list[Any] = []
    for chunk in column.chunks:
        words = values_of(chunk.dictionary)
        found += [None if at is None else words[at] for at in chunk.indices.to_pylist()]
    return found


def _csv(body: bytes, contract: Contract) -> tuple[list[str], Any]:
    """Read CSV; columns of text stay text, whatever they look like."""
    import pyarrow as pa
    from pyarrow import csv

    for _ in codecs.iterdecode(_pieces(body), "utf-8"):
        pass
    head = _LINE.search(body)
    if head is not None and head[0].count(b",") >= _COLUMNS:
        raise Refusal(413, f"Expected at most {_COLUMNS:,} columns.")
    texts = {rule.name: pa.string() for rule in contract.columns if rule.type not in ("integer", "number")}
    options = csv.ConvertOptions(
        column_types=texts, strings_can_be_null=True, null_values=["", "NA", "NaN", "nan", "null", "None"]
    )
    table = csv.read_csv(io.BytesIO(body), convert_options=options)
    return table.column_names, table


def _pieces(body: bytes) -> Iterable[bytes]:
    return (body[at : at + _PIECE] for at in range(0, len(body), _PIECE))
