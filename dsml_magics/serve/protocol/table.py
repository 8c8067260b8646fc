"""Requests that are files: CSV and Parquet."""

import io
from typing import Any

from dsml_magics.package.contract import Contract
from dsml_magics.package.reading import values_of
from dsml_magics.serve.protocol.exchange import Refusal, Rows, rows_of

CSV, PARQUET = "text/csv", "application/vnd.apache.parquet"
TABLES = (CSV, PARQUET)


def rows_of_table(body: bytes, kind: str, contract: Contract) -> Rows:
    """Read a file of rows.

    Raises
    ------
    Refusal
        It cannot be read.
    """
    try:
        table = _csv(body, contract) if kind == CSV else _parquet(body)
    except Exception as error:  # noqa: BLE001  readers of files raise whatever they like; no value may be repeated
        raise Refusal(
            400, f"Expected a {kind} table, but it cannot be read ({type(error).__name__})."
        ) from None
    if len(set(table.column_names)) != table.num_columns:
        raise Refusal(400, "Expected each column once, got one twice.")
    return rows_of({name: values_of(table.column(name)) for name in table.column_names}, contract)


def _csv(body: bytes, contract: Contract) -> Any:
    """Read CSV; columns of text stay text, whatever they look like."""
    import pyarrow as pa
    from pyarrow import csv

    body.decode("utf-8")
    texts = {rule.name: pa.string() for rule in contract.columns if rule.type not in ("integer", "number")}
    options = csv.ConvertOptions(
        column_types=texts, strings_can_be_null=True, null_values=["", "NA", "NaN", "nan", "null", "None"]
    )
    return csv.read_csv(io.BytesIO(body), convert_options=options)


def _parquet(body: bytes) -> Any:
    from pyarrow import parquet

    return parquet.read_table(pa_buffer(body))


def pa_buffer(body: bytes) -> Any:
    """Wrap bytes for Arrow without a copy."""
    import pyarrow as pa

    return pa.BufferReader(body)
