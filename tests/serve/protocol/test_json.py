"""JSON of strangers: a small text must not stand for gigabytes, and no key comes twice."""

import json

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.serve.protocol.exchange import Refusal
from dsml_magics.serve.protocol.json import decode, require_unique_keys

ANY = msgspec.json.Decoder()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (b"[" + b"[]," * 30_000 + b"[]]", 413),
        (b"[" + b"{}," * 30_000 + b"{}]", 413),
        (b"[" + b"1," * 45_000 + b"1]", 200),
        (b"[" + b"[]," * 8_000 + b"[]]", 200),
    ],
    ids=["lists", "objects", "numbers", "fewer"],
)
def test_lists_and_objects_are_counted_before_they_are_made(text, status):
    try:
        decode(ANY, text, most_bytes=1_000_000)
    except Refusal as refusal:
        assert refusal.status == status
    else:
        assert status == 200


TEXTS = st.text(alphabet='ab:"\\ \t\n', max_size=4)
OBJECTS = st.lists(st.tuples(TEXTS, TEXTS | st.integers()), max_size=5)


@given(OBJECTS, st.sampled_from([":", " :", ": ", "\n:\t"]))
def test_keys_that_come_twice_are_found(pairs, colon):
    text = "{" + ",".join(json.dumps(key) + colon + json.dumps(value) for key, value in pairs) + "}"
    keys = {key for key, _ in pairs}
    try:
        require_unique_keys(text.encode(), len(keys))
    except Refusal as refusal:
        assert refusal.status == 400
        assert len(keys) < len(pairs)
    else:
        assert len(keys) == len(pairs)
