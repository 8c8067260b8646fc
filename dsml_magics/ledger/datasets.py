"""Tables of a run as MLflow's data sets."""

import json
import re
from collections.abc import Sequence
from typing import Any

from dsml_magics.ledger.record import TableRead

_COLUMN_TYPES = (
    (r"u?int(8|16)|int32|u?int32", "integer"),
    (r"u?int64", "long"),
    (r"halffloat|float", "float"),
    (r"double|decimal.*", "double"),
    (r"bool", "boolean"),
    (r"timestamp.*|date.*", "datetime"),
    (r"binary.*|large_binary", "binary"),
)


def datasets(tables: Sequence[TableRead]) -> list[Any]:
    """Say of each table what MLflow keeps of it: name, fingerprint, schema, size."""
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(
            Dataset(
                name=table.name,
                digest=table.fingerprint,
                source_type="code",
                source=json.dumps({"tags": {"dsml.variable": table.name, "dsml.file": table.source or ""}}),
                schema=_schema(table),
                profile=json.dumps({"num_rows": table.rows, "num_elements": table.rows * len(table.types)}),
            ),
            [InputTag("mlflow.data.context", "training")],
        )
        for table in tables
    ]


def _schema(table: TableRead) -> str | None:
    columns = [
        {"type": _column_type(kind), "name": name, "required": False} for name, kind in table.types.items()
    ]
    text = json.dumps({"mlflow_colspec": columns})
    # MLflow refuses longer schemas; the names are in dsml/cell.json all the same.
    return text if len(text) < 60_000 else None


def _column_type(arrow: str) -> str:
    return next((ours for pattern, ours in _COLUMN_TYPES if re.fullmatch(pattern, arrow)), "string")
