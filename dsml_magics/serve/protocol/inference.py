"""The Open Inference Protocol, version 2: one tensor a column, as JSON or as bytes behind it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec

from dsml_magics.package.contract import Contract
from dsml_magics.serve.protocol.exchange import Refusal, Reply, Rows, require_rows, rows_of
from dsml_magics.serve.protocol.json import decode, encode, require_unique_keys
from dsml_magics.serve.protocol.tensor import (
    NUMPY,
    bytes_of,
    checked_values,
    rows_of_numpy,
    size_of,
    values_of_bytes,
)
from dsml_magics.serve.settings import DEFAULT, Limits

HEADER = b"inference-header-content-length"
PREDICT = "predict"
_CONTENT_TYPES = ("application/json", "application/octet-stream", "")
_DATATYPES = {"integer": "INT64", "number": "FP64", "boolean": "BOOL"}


class _Tensor(msgspec.Struct):
    name: str
    shape: list[int]
    datatype: str
    data: list[Any] | None = None
    parameters: dict[str, Any] | None = None


class _Output(msgspec.Struct):
    name: str
    parameters: dict[str, Any] | None = None


class _Request(msgspec.Struct):
    inputs: list[_Tensor]
    id: str | None = None
    outputs: list[_Output] | None = None
    parameters: dict[str, Any] | None = None


_DECODER = msgspec.json.Decoder(_Request)


@dataclass(frozen=True)
class Asked:
    """A request: its rows, its id, and whether the answer is to be binary."""

    rows: Rows
    id: str | None
    binary: bool


def decoded(body: bytes, header_length: str | None, contract: Contract, *, limits: Limits = DEFAULT) -> Asked:
    """Read a request; `header_length` is how long its JSON is, if bytes of tensors follow.

    Raises
    ------
    Refusal
        400 for what cannot be read, 413 for what is too large, 422 for a missing column.
    """
    length = _length(header_length, len(body))
    head = body[:length]
    request: _Request = decode(_DECODER, head, most_bytes=limits.read_bytes)
    require_unique_keys(head, _count_keys(request))
    given = _values(request.inputs, memoryview(body)[length:], contract, limits)
    return Asked(_rows(request.inputs, given, contract), request.id, _is_binary(request))


def require_type(content_type: str) -> None:
    """Refuse what a page of another site may send without asking: texts and forms.

    Triton's client names no type at all, and a page cannot leave it out without naming its own origin.

    Raises
    ------
    Refusal
        415.
    """
    kind = content_type.partition(";")[0].strip().lower()
    if kind not in _CONTENT_TYPES:
        raise Refusal(
            415, f"Expected a content type of {', '.join(filter(None, _CONTENT_TYPES))}, got {kind[:80]!r}."
        )


def _count_keys(request: _Request) -> int:
    """Count the keys of a request's JSON that were read."""
    keys = 1 + sum(each is not None for each in (request.id, request.outputs, request.parameters))
    keys += len(request.parameters or ())
    for tensor in request.inputs:
        keys += 3 + (tensor.data is not None)
        keys += 0 if tensor.parameters is None else 1 + len(tensor.parameters)
    for output in request.outputs or ():
        keys += 1 if output.parameters is None else 2 + len(output.parameters)
    return keys


def _values(
    tensors: Sequence[_Tensor], rest: memoryview, contract: Contract, limits: Limits
) -> dict[str, list[Any]]:
    """Return the values of tensors by name, taken from their JSON or from the bytes behind it."""
    given: dict[str, list[Any]] = {}
    for tensor in tensors:
        size = (tensor.parameters or {}).get("binary_data_size")
        if tensor.name in given:
            raise Refusal(400, "Expected each input once, got one twice.")
        size_of(tensor.shape)
        require_rows(tensor.shape[0] if tensor.shape else 1, limits)
        if size is None:
            given[tensor.name] = checked_values(tensor.data or [], tensor.datatype, tensor.shape)
            continue
        if not isinstance(size, int) or not 0 <= size <= len(rest) or tensor.data is not None:
            raise Refusal(400, "Expected binary_data_size bytes for an input, and no data beside them.")
        given[tensor.name] = _values_of_bytes(rest[:size], tensor, contract, is_alone=len(tensors) == 1)
        rest = rest[size:]
    if len(rest):
        raise Refusal(400, f"Expected no bytes behind the last tensor, got {len(rest):,}.")
    return given


def _values_of_bytes(
    content: memoryview, tensor: _Tensor, contract: Contract, *, is_alone: bool
) -> list[Any]:
    """Return the values of a binary tensor, which take up to forty times its bytes: only if they are asked for."""
    if tensor.name not in contract.names:
        if not is_alone:
            return []
        width = (len(contract.columns),) if contract.columns else tuple(contract.shape or ())
        if tuple(tensor.shape[1:]) != width:
            raise Refusal(422, f"Expected rows of shape {list(width)}, got {tensor.shape[1:]}.")
    return values_of_bytes(content, tensor.datatype, tensor.shape)


def _length(header: str | None, whole: int) -> int:
    if header is None:
        return whole
    if not header.isascii() or not header.isdigit() or len(header) > 18 or int(header) > whole:
        raise Refusal(
            400, "Expected Inference-Header-Content-Length to be the length of the JSON in the body."
        )
    return int(header)


def _is_binary(request: _Request) -> bool:
    names = [output.name for output in request.outputs or ()]
    if any(name != PREDICT for name in names):
        raise Refusal(400, f"Expected no other output than {PREDICT!r}.")
    asked = [(output.parameters or {}).get("binary_data") for output in request.outputs or ()]
    if asked and asked[0] is not None:
        return bool(asked[0])
    return bool((request.parameters or {}).get("binary_data_output", False))


def _rows(tensors: Sequence[_Tensor], given: Mapping[str, list[Any]], contract: Contract) -> Rows:
    """Put tensors into columns: each by itself, or all in one of two dimensions."""
    import numpy as np

    if len(tensors) == 1 and tensors[0].name not in contract.names and len(tensors[0].shape) > 1:
        tensor = tensors[0]
        if tensor.datatype not in NUMPY:
            raise Refusal(400, "Expected numbers in a tensor of several columns.")
        values = [float("nan") if value is None else value for value in given[tensor.name]]
        dtype = (contract.dtype if not contract.columns else None) or "float64"
        try:
            return rows_of_numpy(np.asarray(values, dtype).reshape(tensor.shape), contract)
        except (OverflowError, ValueError):
            raise Refusal(400, "Expected numbers that fit the model's type.") from None
    for tensor in tensors:
        if not tensor.shape or size_of(tensor.shape) != tensor.shape[0]:
            raise Refusal(
                400, f"Expected a shape of [rows] or [rows, 1] for each column, got {tensor.shape}."
            )
    if not contract.columns:
        raise Refusal(
            422, f"Expected one tensor of shape [rows, {', '.join(map(str, contract.shape or ()))}]."
        )
    return rows_of(given, contract)


def reply(predictions: Any, asked: Asked, *, name: str, version: str) -> Reply:
    """Write an answer."""
    outputs, pieces = [], list[bytes]()
    for output, values, shape in _outputs(predictions):
        datatype = _datatype(values)
        content: dict[str, Any] = {"name": output, "shape": shape, "datatype": datatype}
        flat = values.ravel().tolist()
        if asked.binary:
            pieces.append(bytes_of(flat, datatype))
            content["parameters"] = {"binary_data_size": len(pieces[-1])}
        else:
            content["data"] = flat
        outputs.append(content)
    answer: dict[str, Any] = {"model_name": name, "model_version": version, "outputs": outputs}
    if asked.id is not None:
        answer["id"] = asked.id
    body = encode(answer)
    if not asked.binary:
        return Reply(body)
    headers = [(HEADER, str(len(body)).encode())]
    return Reply(body + b"".join(pieces), type=b"application/octet-stream", headers=headers)


def _outputs(predictions: Any) -> "list[tuple[str, Any, list[int]]]":
    import numpy as np

    if hasattr(predictions, "columns"):
        return [
            (str(name), np.asarray(predictions[name]), [len(predictions)]) for name in predictions.columns
        ]
    values = np.asarray(predictions)
    return [(PREDICT, values, list(values.shape))]


def _datatype(values: Any) -> str:
    kind, size = values.dtype.kind, values.dtype.itemsize * 8
    if kind == "b":
        return "BOOL"
    return {"i": f"INT{size}", "u": f"UINT{size}", "f": f"FP{size}"}.get(kind, "BYTES")


def refused(refusal: Refusal) -> bytes:
    """Write a refusal."""
    content: dict[str, Any] = {"error": refusal.message}
    if refusal.details:
        content["violations"] = refusal.details
    return encode(content)


def server() -> bytes:
    """Describe the server."""
    from dsml_magics.version import __version__

    return encode({"name": "dsml_magics", "version": __version__, "extensions": ["binary_tensor_data"]})


def metadata(contract: Contract, *, name: str, versions: Sequence[str]) -> bytes:
    """Describe a model."""
    if contract.columns:
        inputs = [
            {"name": rule.name, "datatype": _DATATYPES.get(rule.type, "BYTES"), "shape": [-1]}
            for rule in contract.columns
        ]
    else:
        shape = [-1, *(contract.shape or ())]
        inputs = [{"name": "input", "datatype": _datatype_of(contract.dtype), "shape": shape}]
    answer = contract.answer or {}
    outputs = [
        {
            "name": PREDICT,
            "datatype": _datatype_of(answer.get("dtype")),
            "shape": [-1, *answer.get("shape", ())],
        }
    ]
    content = {
        "name": name,
        "versions": list(versions),
        "platform": "dsml_magics",
        "inputs": inputs,
        "outputs": outputs,
    }
    return encode(content)


def _datatype_of(dtype: str | None) -> str:
    import numpy as np

    return _datatype(np.empty(0, dtype or "float64"))
