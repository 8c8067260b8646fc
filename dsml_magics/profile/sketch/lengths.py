"""Lengths of texts, in characters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


_BLANKS = b"\t\n\v\f\r\x1c\x1d\x1e\x1f \xc2\xe1\xe2\xe3"
"""First bytes of white space in UTF-8, and of other characters."""


@dataclass(frozen=True, slots=True)
class Lengths:
    """How many texts there are, their characters, the shortest and longest, and how many are blank."""

    count: int = 0
    characters: int = 0
    shortest: int = 0
    longest: int = 0
    blank: int = 0

    @classmethod
    def of(cls, texts: "pa.Array", weights: "np.ndarray[Any, Any] | None" = None) -> Self:
        """Measure texts without nulls, each standing for `weights` rows."""
        import numpy as np

        if not len(texts):
            return cls()
        lengths = _lengths(texts)
        blank = _blank(texts, lengths)
        if weights is None:
            return cls(
                len(lengths), int(lengths.sum()), int(lengths.min()), int(lengths.max()), int(blank.sum())
            )
        seen = lengths[weights > 0]
        if not len(seen):
            return cls()
        return cls(
            count=int(weights.sum()),
            characters=int(lengths.astype(np.int64) @ weights),
            shortest=int(seen.min()),
            longest=int(seen.max()),
            blank=int(weights[blank].sum()),
        )

    def __add__(self, other: Self) -> "Lengths":
        if not self.count or not other.count:
            return other if not self.count else self
        return Lengths(
            self.count + other.count,
            self.characters + other.characters,
            min(self.shortest, other.shortest),
            max(self.longest, other.longest),
            self.blank + other.blank,
        )


def _lengths(texts: "pa.Array") -> "np.ndarray[Any, Any]":
    import numpy as np
    import pyarrow.compute as pc

    offsets, content = _bytes_of(texts)
    if not len(content) or content.max() < 128:
        return np.diff(offsets)  # in ASCII, a byte is a character
    found: np.ndarray[Any, Any] = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    return found


def _bytes_of(texts: "pa.Array") -> "tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]":
    """Return where each text begins and the last one ends, and all bytes from the first one's on."""
    import numpy as np
    from pyarrow import types

    _, bounds, data = texts.buffers()
    width = "<i8" if types.is_large_string(texts.type) else "<i4"
    offsets = np.frombuffer(bounds, width, len(texts) + 1, texts.offset * int(width[-1]))
    if data is None:
        return offsets, np.empty(0, "u1")
    return offsets, np.frombuffer(data, "u1")[offsets[0] : offsets[-1]]


def _blank(texts: "pa.Array", lengths: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Find the texts of nothing but white space; only short ones that begin with a blank are looked into."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    blank: np.ndarray[Any, Any] = lengths == 0
    suspects = _begin_with_blank(texts) & ~blank & (lengths < 1 << 16)
    if suspects.any():
        places = np.flatnonzero(suspects)
        empty = pc.equal(pc.utf8_trim_whitespace(texts.take(pa.array(places))), "")
        blank[places[empty.to_numpy(zero_copy_only=False)]] = True
    return blank


def _begin_with_blank(texts: "pa.Array") -> "np.ndarray[Any, Any]":
    """Find the texts whose first byte is that of a white space in UTF-8, or of few others."""
    import numpy as np

    offsets, content = _bytes_of(texts)
    if not len(content):
        return np.zeros(len(texts), bool)
    first = content[np.minimum(offsets[:-1] - offsets[0], len(content) - 1)]
    begins = np.zeros(256, bool)
    begins[list(_BLANKS)] = True
    return np.asarray(begins[first])
