"""JSON in and out: what cannot be read is told without repeating it."""

import json
from typing import Any

import msgspec

from dsml_magics.serve.protocol.exchange import Refusal

_EXPECTED = "Expected valid JSON in UTF-8, without Infinity."
_LIST_BYTES, _OBJECT_BYTES = 110, 250
"""What an empty list and an object of one key take in memory, with the reference to them."""
_LARGE_BYTES = 64 << 10
_APART = (b" :", b"\t:", b"\n:", b"\r:")


def decode(decoder: "msgspec.json.Decoder[Any]", body: bytes, *, most_bytes: int) -> Any:
    """Read JSON of a known form.

    Parameters
    ----------
    most_bytes
        What its lists and objects may take in memory, beside the values in them.

    Raises
    ------
    Refusal
        400: it is none, or has another form. 413: it has too many lists and objects.
    """
    if len(body) > _LARGE_BYTES:
        _require_few(body, most_bytes)
    try:
        return decoder.decode(body)
    except msgspec.ValidationError as error:
        # Its words name types and places, never values.
        raise Refusal(400, f"Expected JSON of the documented form, but: {error}.") from None
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError, ValueError):
        if b"NaN" in body:
            return _with_gaps(decoder, body)
        raise Refusal(400, _EXPECTED) from None


def _require_few(body: bytes, most_bytes: int) -> None:
    """Refuse a small text that stands for gigabytes: ``[],[],[],...``."""
    if _LIST_BYTES * body.count(b"[") + _OBJECT_BYTES * body.count(b"{") > most_bytes:
        raise Refusal(413, "Expected fewer lists and objects. Send fewer rows at a time.")


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


def require_unique_keys(body: bytes, keys: int) -> None:
    """Refuse JSON with an object that has a key twice: which of the two values counts is anybody's guess.

    Parameters
    ----------
    keys
        How many different keys were read. As many colons, or colons behind a quote, mean that none came twice; only if
        there are more, as texts may have, the keys are looked at one by one.

    Raises
    ------
    Refusal
        400, without the key.
    """
    if body.count(b":") == keys or (body.count(b'":') == keys and not any(map(body.count, _APART))):
        return
    try:
        json.loads(
            body, object_pairs_hook=_unique, parse_float=_nothing, parse_int=_nothing, parse_constant=_nothing
        )
    except (ValueError, RecursionError):
        raise Refusal(400, _EXPECTED) from None


def _unique(pairs: "list[tuple[str, Any]]") -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise Refusal(400, "Expected each key of an object once, got one twice.")


def _nothing(_: str) -> None:
    """Keep nothing of a number."""


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
