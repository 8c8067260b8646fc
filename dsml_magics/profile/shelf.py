"""Arrays beside a tree of plain values, as bytes."""

import json
import math
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np


@dataclass
class Shelf:
    """Arrays beside a tree of plain values, which refers to them by their place."""

    arrays: "list[np.ndarray[Any, Any]]" = field(default_factory=list)

    def put(self, array: "np.ndarray[Any, Any]") -> int:
        """Add an array, and tell its place."""
        self.arrays.append(array)
        return len(self.arrays) - 1

    def put_bytes(self, content: bytes) -> int:
        """Add bytes, and tell their place."""
        import numpy as np

        return self.put(np.frombuffer(content, "u1"))

    def bytes_at(self, place: int) -> bytes:
        """Return the bytes at a place."""
        return bytes(self.arrays[place].tobytes())

    def written(self, tree: dict[str, Any]) -> bytes:
        """Write a tree and the arrays: the size of a JSON text, the text, and one array after the other."""
        kinds = [(array.dtype.str, list(array.shape)) for array in self.arrays]
        text = json.dumps({"tree": tree, "arrays": kinds}).encode()
        return b"".join([struct.pack("<Q", len(text)), text, *map(_shuffled, self.arrays)])

    @classmethod
    def read(cls, content: bytes) -> "tuple[dict[str, Any], Shelf]":
        """Read what `written` wrote."""
        (size,) = struct.unpack_from("<Q", content)
        head = json.loads(content[8 : 8 + size])
        at, arrays = 8 + size, []
        for kind, shape in head["arrays"]:
            length = math.prod(shape) * _dtype(kind).itemsize
            arrays.append(_unshuffled(content[at : at + length], kind, shape))
            at += length
        return head["tree"], cls(arrays)


def _dtype(kind: str) -> "np.dtype[Any]":
    import numpy as np

    if kind not in ("<f8", "<i8", "<u8", "<f4", "|u1"):
        raise ValueError(f"no array of {kind!r} belongs here")
    return np.dtype(kind)


def _shuffled(array: "np.ndarray[Any, Any]") -> bytes:
    """Put first bytes together, then second ones, and so on: alike bytes compress better."""
    import numpy as np

    flat = np.ascontiguousarray(array).reshape(-1).view("u1").reshape(array.size, array.itemsize)
    return flat.T.tobytes()


def _unshuffled(content: bytes, kind: str, shape: list[int]) -> "np.ndarray[Any, Any]":
    import numpy as np

    dtype = _dtype(kind)
    planes = np.frombuffer(content, "u1").reshape(dtype.itemsize, -1)
    return np.ascontiguousarray(planes.T).reshape(-1).view(dtype).reshape(shape)
