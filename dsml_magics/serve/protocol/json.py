"""JSON in and out: what cannot be read is told without repeating it."""

import json
from typing import Any

import msgspec

from dsml_magics.serve.protocol.exchange import Refusal

_EXPECTED = "Expected valid JSON in UTF-8, without Infinity."


def decode(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:
    """Read JSON of a known form.

    Raises
    ------
    Refusal
        400: it is none, or has another form.
    """
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        # Its words name types and places, never values.
        raise Refusal(400, f"Expected JSON of the documented form, but: {error}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        if b"NaN" in body:
            return _with_gaps(decoder, body)
        raise Refusal(400, _EXPECTED) from None


def _with_gaps(decoder: "msgspec.json.Decoder[Any]", body: bytes) -> Any:
    """Read what is no JSON, but what MLflow's client and pandas write where a value is missing."""
    try:
        return msgspec.convert(json.loads(body, parse_constant=_constant), decoder.type)
    except msgspec.ValidationError as error:
        raise Refusal(400, f"Expected JSON of the documented form, but: {error}.") from None
    except (ValueError, RecursionError):
        raise Refusal(400, _EXPECTED) from None


def _constant(name: str) -> None:
    if name != "NaN":
        raise ValueError(name)


def encode(value: Any) -> bytes:
    """Write JSON; NaN and infinities become null."""
    return _ENCODER.encode(value)


def _plain(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return str(value)


_ENCODER = msgspec.json.Encoder(enc_hook=_plain)
