"""What the server says of itself: OpenAPI with the model's own columns, and a page to read it and try a row."""

from collections.abc import Mapping, Sequence
from typing import Any

from dsml_magics.package.contract import Contract, Rule
from dsml_magics.serve.protocol.json import encode
from dsml_magics.serve.protocol.table import CSV, PARQUET
from dsml_magics.serve.version import Version
from dsml_magics.version import __version__

_TYPES = {"integer": "integer", "number": "number", "boolean": "boolean"}
_REFUSALS = {
    400: "It cannot be read",
    401: "It has no token, or another",
    403: "A page of another site sent it",
    408: "It did not come in time",
    413: "It is too large",
    415: "It is of another content type",
    421: "It was meant for another host",
    422: "It breaks the contract",
    429: "There are too many requests",
    500: "The model could not answer",
    503: "The model is being loaded",
    504: "It could not be answered in time",
}


def openapi(version: Version, *, secured: bool) -> bytes:
    """Describe the server's routes, and the model's columns."""
    contract, name, label = version.contract, version.place.name, version.label
    content: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": name,
            "version": label or "0",
            "description": f"Served by dsml_magics {__version__}.",
        },
        "paths": {
            "/invocations": {"post": _invocations(contract)},
            f"/v2/models/{name}/infer": {"post": _infer()},
            **{path: {"get": _get(text, kind)} for path, text, kind in _gets(name)},
        },
        "components": {"schemas": _schemas(contract)},
    }
    if secured:
        content["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
        content["security"] = [{"token": []}]
    return encode(content)


def _gets(name: str) -> list[tuple[str, str, str]]:
    json, text = "application/json", "text/plain"
    return [
        ("/ping", "Whether requests are answered", json),
        ("/health", "Whether requests are answered", json),
        ("/version", "Version of MLflow whose protocol this is", text),
        ("/health/live", "Whether the process runs", json),
        ("/health/ready", "Whether requests are answered", json),
        ("/metrics", "Counts, for Prometheus", text),
        ("/v2", "The server", json),
        ("/v2/health/live", "Whether the process runs", json),
        ("/v2/health/ready", "Whether requests are answered", json),
        (f"/v2/models/{name}", "The model's inputs and outputs", json),
        (f"/v2/models/{name}/ready", "Whether requests are answered", json),
    ]


def _get(text: str, kind: str) -> Mapping[str, Any]:
    found = {
        str(status): {"description": _REFUSALS[status], "content": {"application/json": {"schema": {}}}}
        for status in (401, 403, 421, 503)
    }
    return {
        "summary": text,
        "responses": {"200": {"description": "As asked", "content": {kind: {}}}, **found},
    }


def _answers(schema: str, refusal: str) -> Mapping[str, Any]:
    refused = {
        str(status): {"description": text, "content": {"application/json": {"schema": _ref(refusal)}}}
        for status, text in _REFUSALS.items()
    }
    answered = {
        "description": "What the model predicts",
        "content": {"application/json": {"schema": _ref(schema)}},
    }
    return {"200": answered, **refused}


def _invocations(contract: Contract) -> Mapping[str, Any]:
    forms: dict[str, Any] = {"application/json": {"schema": _ref("Request")}}
    if contract.columns:
        forms |= {
            CSV: {"schema": {"type": "string"}},
            PARQUET: {"schema": {"type": "string", "format": "binary"}},
        }
    return {
        "summary": "Predict, by MLflow's protocol",
        "requestBody": {"required": True, "content": forms},
        "responses": _answers("Predictions", "Refusal"),
    }


def _infer() -> Mapping[str, Any]:
    return {
        "summary": "Predict, by the Open Inference Protocol 2",
        "requestBody": {"required": True, "content": {"application/json": {"schema": _ref("Inference")}}},
        "responses": _answers("Inferred", "InferenceRefusal"),
    }


def _ref(name: str) -> Mapping[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _schemas(contract: Contract) -> Mapping[str, Any]:
    words = {"type": "string"}
    answer = {"model_name": words, "model_version": words, "outputs": _list(_tensor())}
    return {
        "Row": _row(contract),
        "Request": {
            "oneOf": [{**_object({name: schema}), "title": name} for name, schema in _forms(contract).items()]
        },
        "Predictions": _object({"predictions": {}}),
        "Refusal": _refusal("error_code", "message"),
        "Inference": _object({"inputs": {**_list(_tensor()), "minItems": 1}}),
        "Inferred": _object(answer),
        "InferenceRefusal": _refusal("error"),
    }


def _refusal(*names: str) -> Mapping[str, Any]:
    """Describe a refusal: some words, and what broke the contract, if that is why."""
    words = {"type": "string"}
    place = {"row": {"type": ["integer", "null"]}, "column": words, "expected": words, "got": words}
    said = dict.fromkeys(names, words)
    return {**_object(said), "properties": {**said, "violations": _list(_object(place))}}


def _tensor() -> Mapping[str, Any]:
    shape = _list({"type": "integer", "minimum": 0})
    words = {"type": "string"}
    return _object({"name": words, "shape": shape, "datatype": words, "data": {"type": "array"}})


def _list(items: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _forms(contract: Contract) -> Mapping[str, Any]:
    if not contract.columns:
        return {"instances": {"type": "array"}, "inputs": {"type": "array"}}
    values = [_value(rule) for rule in contract.columns]
    # In any order, in truth; and other columns may come too, which are left out with a warning.
    row = {"type": "array", "prefixItems": values, "minItems": len(values)}
    split = {
        "columns": {
            "type": "array",
            "prefixItems": [{"const": name} for name in contract.names],
            "minItems": len(values),
            "items": {"type": "string"},
            "uniqueItems": True,
        },
        "data": {"type": "array", "items": row},
    }
    return {
        "dataframe_split": _object(split),
        "dataframe_records": {"type": "array", "items": _ref("Row")},
        "instances": {"type": "array", "items": _ref("Row")},
        "inputs": {"anyOf": [_by_column(contract, values), {"type": "array", "items": _ref("Row")}]},
    }


def _by_column(contract: Contract, values: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    return _object(
        {
            rule.name: {"type": "array", "items": value, "minItems": 1, "maxItems": 1}
            for rule, value in zip(contract.columns, values, strict=True)
        }
    )


def _row(contract: Contract) -> Mapping[str, Any]:
    return _object({rule.name: _value(rule) for rule in contract.columns})


def _object(properties: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties)}


def _value(rule: Rule) -> Mapping[str, Any]:
    """Describe the values of a column."""
    type_ = _TYPES.get(rule.type, "string" if rule.type != "any" else None)
    found: dict[str, Any] = {"description": rule.expected}
    if type_:
        found["type"] = [type_, "null"] if rule.nullable else type_
    if rule.type in ("datetime", "date"):
        found["format"] = "date-time" if rule.type == "datetime" else "date"
    if rule.policy == "refuse":
        if rule.categories is not None:
            found["enum"] = [*rule.categories, *([None] if rule.nullable else [])]
        if isinstance(rule.min, int | float):
            found["minimum"] = rule.min
        if isinstance(rule.max, int | float):
            found["maximum"] = rule.max
    return found


def page(version: Version) -> bytes:
    """Write a page that shows the columns and the routes, and lets a row be tried."""
    from dsml_magics.serve.page import page_of

    return page_of(version, routes=[(path, text) for path, text, _ in _gets(version.place.name)])
