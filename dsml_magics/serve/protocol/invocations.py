"""MLflow's scoring protocol: JSON in four forms, CSV and Parquet in; ``predictions`` out."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import msgspec

from dsml_magics.package.contract import Contract
from dsml_magics.serve.protocol.exchange import JSON, Refusal, Rows, extra_of, missing, rows_of
from dsml_magics.serve.protocol.json import decode, require_unique_keys
from dsml_magics.serve.protocol.table import TABLES, ReadParquet, rows_of_table
from dsml_magics.serve.protocol.tensor import rows_of_array
from dsml_magics.serve.settings import Limits

_JSON = JSON.decode()
_FORMS = ("dataframe_split", "dataframe_records", "instances", "inputs")


class _Split(msgspec.Struct):
    data: list[list[Any]]
    columns: list[str] | None = None
    index: Any = None


class _Request(msgspec.Struct):
    dataframe_split: _Split | None = None
    dataframe_records: list[dict[str, Any]] | None = None
    instances: list[Any] | None = None
    inputs: Any = None
    params: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_Request)


def is_table(content_type: str) -> bool:
    """Whether a body is a file of rows, which is read without holding up other requests."""
    return content_type != _JSON and content_type.partition(";")[0].strip().lower() in TABLES


def decoded(
    body: bytes, content_type: str, contract: Contract, *, limits: Limits, read_parquet: ReadParquet
) -> Rows:
    """Read a request of MLflow's protocol.

    Raises
    ------
    Refusal
        400 for what cannot be read, 413 for what is too large, 415 for other content types and charsets, 422 for a
        missing column.
    """
    kind = _mime(content_type)
    if kind in TABLES:
        return rows_of_table(body, kind, contract, limits, read_parquet=read_parquet)
    if kind != _JSON:
        raise Refusal(
            415,
            f"Expected a content type of {', '.join((_JSON, *TABLES))}, got {kind[:80] or 'none'!r}.",
        )
    request = decode(_DECODER, body, most_bytes=limits.read_bytes)
    given = [form for form in _FORMS if getattr(request, form) is not None]
    if len(given) != 1:
        raise Refusal(
            400, f"Expected an object with exactly one of {', '.join(_FORMS)}, got {len(given)} of them."
        )
    if request.params:
        raise Refusal(400, "Expected no params: this model takes none.")
    require_unique_keys(body, _count_keys(request))
    return _READERS[given[0]](getattr(request, given[0]), contract)


def _count_keys(request: _Request) -> int:
    """Count the keys of a request that were read."""
    keys = 1 + (request.params is not None)
    if (split := request.dataframe_split) is not None:
        return keys + 1 + (split.columns is not None) + (split.index is not None)
    rows = request.dataframe_records or request.instances or request.inputs
    if isinstance(rows, dict):
        return keys + len(rows)
    return keys + sum(len(row) for row in rows or () if isinstance(row, dict))


def _mime(content_type: str) -> str:
    if content_type == _JSON:
        # As nearly all requests have it.
        return content_type
    kind, *parameters = (part.strip() for part in content_type.split(";"))
    for parameter in parameters:
        name, _, value = parameter.partition("=")
        if name.strip().lower() != "charset" or value.strip().strip('"').lower() not in ("utf-8", "utf8"):
            raise Refusal(415, "Expected a content type with no parameter but charset=utf-8.")
    return kind.lower()


def _split(split: _Split, contract: Contract) -> Rows:
    names, data = split.columns, split.data
    if names is None:
        if contract.form == "array":
            return rows_of_array(data, contract)
        raise Refusal(400, "Expected the names of the columns in dataframe_split.columns, got none.")
    width = len(names)
    if any(len(row) != width for row in data):
        raise Refusal(400, f"Expected rows of {width} values, as many as columns.")
    at = {name: place for place, name in enumerate(names)}
    if len(at) != width:
        raise Refusal(400, "Expected each column once, got one twice.")
    places = [at[name] if name in at else missing(name) for name in contract.names]
    if len(data) == 1:
        row = data[0]
        return Rows([[row[place]] for place in places], 1, extra_of(names, contract))
    return Rows([[row[place] for row in data] for place in places], len(data), extra_of(names, contract))


def _records(records: Sequence[Mapping[str, Any]], contract: Contract) -> Rows:
    count = len(records)
    if not count:
        return Rows([[] for _ in contract.names], 0)
    try:
        columns = [[record[name] for record in records] for name in contract.names]
    except KeyError:
        # As in a frame of records: what some have, others lack. What none has is no column.
        held = set().union(*records)
        columns = [
            [record.get(name) for record in records] if name in held else missing(name)
            for name in contract.names
        ]
    return Rows(columns, count, extra_of(set().union(*records) if count > 1 else records[0], contract))


def _instances(instances: Sequence[Any], contract: Contract) -> Rows:
    if all(isinstance(each, dict) for each in instances):
        return _records(instances, contract)
    if contract.form == "array":
        return rows_of_array(instances, contract)
    raise Refusal(400, "Expected rows that are objects, a value for each column by name.")


def _inputs(inputs: Any, contract: Contract) -> Rows:
    if isinstance(inputs, dict):
        if not all(isinstance(values, list) for values in inputs.values()):
            raise Refusal(400, "Expected a list of values for each column in inputs.")
        return rows_of(inputs, contract)
    if not isinstance(inputs, list):
        raise Refusal(400, "Expected inputs that are an object, a list of values for each column by name.")
    return _instances(inputs, contract)


_READERS: Mapping[str, Callable[[Any, Contract], Rows]] = {
    "dataframe_split": _split,
    "dataframe_records": _records,
    "instances": _instances,
    "inputs": _inputs,
}


def encoded(predictions: Any) -> bytes:
    """Write predictions as MLflow's clients expect them."""
    from dsml_magics.serve.protocol.json import encode

    return b'{"predictions":' + encode(plain(predictions)) + b"}"


def plain(predictions: Any) -> Any:
    """Return predictions as lists: a frame as one object a row."""
    if hasattr(predictions, "to_dict") and hasattr(predictions, "columns"):
        return predictions.to_dict(orient="records")
    return predictions.tolist() if hasattr(predictions, "tolist") else predictions


def refused(refusal: Refusal) -> bytes:
    """Write a refusal as MLflow does, with details beside it."""
    code = {
        400: "BAD_REQUEST",
        403: "PERMISSION_DENIED",
        404: "RESOURCE_DOES_NOT_EXIST",
        422: "INVALID_PARAMETER_VALUE",
        429: "REQUEST_LIMIT_EXCEEDED",
        500: "INTERNAL_ERROR",
        503: "TEMPORARILY_UNAVAILABLE",
        504: "TEMPORARILY_UNAVAILABLE",
    }.get(refusal.status, "BAD_REQUEST")
    from dsml_magics.serve.protocol.json import encode

    content: dict[str, Any] = {"error_code": code, "message": refusal.message}
    if refusal.details:
        content["violations"] = refusal.details
    return encode(content)
