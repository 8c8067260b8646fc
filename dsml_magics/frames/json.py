"""Files of JSON lines, read in blocks of whole lines: fields may come late, and types may widen."""

import re
from collections.abc import Iterator
from functools import reduce
from typing import TYPE_CHECKING

from dsml_magics.frames import format as format_
from dsml_magics.frames.batch import fitted, joined, valid
from dsml_magics.frames.column import DEPTH
from dsml_magics.frames.format import BLOCK, Format, opened

if TYPE_CHECKING:
    import pyarrow as pa

_TEXT = re.compile(rb'"(?:[^"\\\n]|\\.)*"')


class JsonLines(Format):
    title = "a file of JSON lines"
    is_text = True
    advice = "Every line must be one JSON object with the same types."

    def schema(self, file: str) -> "pa.Schema":
        import pyarrow as pa

        schemas = (_read(block, None).schema for block in _blocks(file))
        found = next(schemas, None)
        if found is None:
            raise pa.ArrowInvalid("Empty JSON file")
        return reduce(_wider, schemas, found)

    def batches(self, file: str, schema: "pa.Schema") -> "Iterator[pa.RecordBatch]":
        read = (batch for block in _blocks(file) for batch in _read(block, schema).to_batches())
        yield from joined((fitted(valid(batch), schema) for batch in read), schema)


def _blocks(file: str) -> Iterator[bytes]:
    """Split a file at ends of lines, which no value of JSON holds as they are."""
    kept = b""
    with opened(file, compressed=True) as stream:
        while part := stream.read(min(BLOCK, format_.WHOLE)):
            lines, end, rest = part.rpartition(b"\n")
            if end and (block := kept + lines).strip():
                yield block
            kept = rest if end else kept + rest
    if kept.strip():
        yield kept


def _read(block: bytes, schema: "pa.Schema | None") -> "pa.Table":
    import pyarrow as pa
    from pyarrow import json

    _refuse_depth(block)
    return json.read_json(
        pa.BufferReader(block),
        read_options=json.ReadOptions(block_size=len(block) + 1),
        parse_options=json.ParseOptions(explicit_schema=schema),
    )


def _refuse_depth(block: bytes) -> None:
    """Refuse values that nest too deep: the reader would end the process."""
    import pyarrow as pa

    # Brackets within text may look like depth, which is seldom enough to look twice.
    if _depth(block) > DEPTH + 1 and _depth(_TEXT.sub(b"", block)) > DEPTH + 1:
        raise pa.ArrowInvalid(f"a value nests more than {DEPTH} deep")


def _depth(block: bytes) -> int:
    import numpy as np

    # The brackets of lists and objects differ from each other in one bit only.
    letters = np.frombuffer(block, "u1") | 32
    brackets = letters[(letters == ord("{")) | (letters == ord("}"))]
    return int(np.cumsum(np.int64(ord("|")) - brackets).max()) if len(brackets) else 0


def _wider(one: "pa.Schema", other: "pa.Schema") -> "pa.Schema":
    import pyarrow as pa

    return pa.unify_schemas([_as_text(one, other), _as_text(other, one)], promote_options="permissive")


def _as_text(schema: "pa.Schema", other: "pa.Schema") -> "pa.Schema":
    """Take for text what looked like times in this block only."""
    import pyarrow as pa

    texts = {field.name for field in other if pa.types.is_string(field.type)}
    return pa.schema(
        [
            pa.field(field.name, pa.string())
            if field.name in texts and pa.types.is_timestamp(field.type)
            else field
            for field in schema
        ]
    )
