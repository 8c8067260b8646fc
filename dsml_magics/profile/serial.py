"""A profile's state as bytes, in a format that later releases still read.

Layout: the magic, the version of the format, the size of the content, the BLAKE2b of version, size and the rest,
and a Zstandard frame of the content; see `shelf` for that.
"""

import hashlib
import struct
from types import MappingProxyType
from typing import Any

from dsml_magics.errors import DataError
from dsml_magics.profile.language import Statement
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.shelf import Shelf
from dsml_magics.profile.sketch.table import settled
from dsml_magics.profile.state import State
from dsml_magics.profile.summary import bytes_of_table, summary_of, table_of, tree_of
from dsml_magics.profile.value import Profile

MAGIC = b"DSMLPROF"
VERSION = 1
COLUMN_BYTES = 50_000
"""So many bytes a column may take; a table whose rows fit is stored with all of them."""
SAMPLE_CELLS = 30_000
_LARGEST = 1 << 32
_HEAD = struct.Struct("<8sIQ16s")
_SIGNED = struct.Struct("<IQ")


def bytes_of(profile: Profile, *, sample: bool = True) -> bytes:
    """Write the state of a profile.

    Raises
    ------
    DataError
        It was read from JSON and has none.
    """
    shelf = Shelf()
    tree: dict[str, Any] = {
        "state": _state(State() if profile.is_empty else profile.require_state(), shelf, sample=sample),
        "settings": _settings(profile.settings),
        "origin": profile.origin,
        "language": profile.language,
        "notes": [[note.code, dict(note.values)] for note in profile.notes],
        "literals": dict(profile.literals),
        "compared": None,
    }
    if profile.compared:
        state, origin = profile.compared
        tree["compared"] = {"state": _state(state, shelf, sample=sample), "origin": origin}
        tree["names"] = list(profile.names)
    return _sealed(shelf.written(tree))


def profile_of_bytes(data: bytes) -> Profile:
    """Read a profile that `bytes_of` wrote.

    Raises
    ------
    DataError
        The bytes are something else, damaged, or of a later release.
    """
    import pyarrow as pa

    content = _opened(data)
    try:
        tree, shelf = Shelf.read(content)
        other = tree["compared"]
        return Profile(
            _read_state(tree["state"], shelf),
            _read_settings(tree["settings"]),
            origin=tree["origin"],
            language=tree["language"],
            # Earlier releases wrote none.
            notes=tuple(_read_note(*note) for note in tree.get("notes", ())),
            literals=MappingProxyType(tree.get("literals", {})),
            compared=(_read_state(other["state"], shelf), other["origin"]) if other else None,
            names=_read_names(tree),
        )
    except (KeyError, IndexError, TypeError, ValueError, struct.error, pa.ArrowException) as error:
        raise DataError(
            f"Expected the state of a profile, but it is damaged: {type(error).__name__}: {error}."
        ) from error


def _sealed(content: bytes) -> bytes:
    import pyarrow as pa

    packed: bytes = pa.compress(content, codec="zstd", asbytes=True)
    return _HEAD.pack(MAGIC, VERSION, len(content), _digest(VERSION, len(content), packed)) + packed


def _digest(version: int, size: int, packed: bytes) -> bytes:
    return hashlib.blake2b(_SIGNED.pack(version, size) + packed, digest_size=16).digest()


def _opened(data: Any) -> bytes:
    import pyarrow as pa

    whole = bytes(data) if isinstance(data, bytes | bytearray | memoryview) else b""
    if whole[: len(MAGIC)] != MAGIC or len(whole) < _HEAD.size:
        raise DataError("Expected the bytes that `Profile.to_bytes` gives, got something else.")
    _, version, size, digest = _HEAD.unpack_from(whole)
    if version > VERSION:
        raise DataError(
            f"Expected a profile in format {VERSION} or earlier, got {version}: it was written by a later release. "
            "Update dsml-magics to read it."
        )
    packed = whole[_HEAD.size :]
    if _digest(version, size, packed) != digest or size > _LARGEST:
        raise DataError("Expected the whole state of a profile, but it is cut off or was changed.")
    content: bytes = pa.decompress(packed, decompressed_size=size, codec="zstd", asbytes=True)
    return content


def _state(state: State, shelf: Shelf, *, sample: bool) -> dict[str, Any] | None:
    if state.is_empty:
        return None
    rows = _rows(state) if sample and state.is_exact else None
    if rows is not None:
        return {"stamp": state.stamp, "tables": [shelf.put_bytes(part) for part in rows]}
    summary = tree_of(settled(state.bounded(), cells=SAMPLE_CELLS), shelf, sample=sample)
    return {"stamp": state.stamp, "summary": summary}


def _rows(state: State) -> list[bytes] | None:
    """Write all rows, if they are few enough."""
    parts = [bytes_of_table(table) for table in state.tables]
    return parts if sum(map(len, parts)) <= COLUMN_BYTES * max(state.width, 1) else None


def _read_state(tree: dict[str, Any] | None, shelf: Shelf) -> State:
    if tree is None:
        return State()
    if "tables" in tree:
        return State(tuple(table_of(shelf.bytes_at(place)) for place in tree["tables"]), stamp=tree["stamp"])
    return State(summary=summary_of(tree["summary"], shelf), stamp=tree["stamp"])


def _read_note(code: str, values: dict[str, Any]) -> Statement:
    return Statement(
        code, {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )


def _read_names(tree: dict[str, Any]) -> tuple[str, str]:
    """Read the names of the tables, which earlier releases did not write."""
    first, second = tree.get("names", ("", ""))
    return str(first), str(second)


def _settings(settings: Settings) -> dict[str, Any]:
    return {
        "target": settings.target,
        "groups": list(settings.groups),
        "kinds": dict(settings.kinds),
        "thresholds": dict(settings.thresholds),
        "silenced": sorted(settings.silenced),
    }


def _read_settings(tree: dict[str, Any]) -> Settings:
    return Settings(
        target=tree["target"],
        groups=tuple(tree["groups"]),
        kinds=MappingProxyType(tree["kinds"]),
        thresholds=MappingProxyType(tree["thresholds"]),
        silenced=frozenset(tree["silenced"]),
    )
