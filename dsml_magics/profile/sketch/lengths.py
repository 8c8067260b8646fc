"""Lengths of texts, in characters."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa


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
    from pyarrow import types

    _, bounds, data = texts.buffers()
    width = "<i8" if types.is_large_string(texts.type) else "<i4"
    offsets = np.frombuffer(bounds, width, len(texts) + 1, texts.offset * int(width[-1]))
    content = np.frombuffer(data, "u1")[offsets[0] : offsets[-1]] if data is not None else np.empty(0, "u1")
    if not len(content) or content.max() < 128:
        return np.diff(offsets)  # in ASCII, a byte is a character
    found: np.ndarray[Any, Any] = pc.utf8_length(texts).to_numpy(zero_copy_only=False)
    return found


def _blank(texts: "pa.Array", lengths: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """Find the texts of nothing but white space; only short ones that begin with a blank are looked into."""
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    blank: np.ndarray[Any, Any] = lengths == 0
    starts = pc.utf8_slice_codeunits(texts, 0, 1) if lengths.max() < 1 << 16 else None
    suspects = (
        np.flatnonzero(pc.utf8_is_space(starts).to_numpy(zero_copy_only=False))
        if starts is not None
        else np.flatnonzero(lengths < 1 << 16)
    )
    if len(suspects):
        empty = pc.equal(pc.utf8_trim_whitespace(texts.take(pa.array(suspects))), "")
        blank = blank.copy()
        blank[suspects[empty.to_numpy(zero_copy_only=False)]] = True
    return blank
