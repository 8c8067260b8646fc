"""One batch of a column, summarised."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.distinct import LEAST, Distinct, fresh
from dsml_magics.profile.sketch.family import family_of, plain, ticks_of
from dsml_magics.profile.sketch.frequent import HEAVY, MANY, Counts
from dsml_magics.profile.sketch.hashing import (
    NULL,
    hashes_of,
    hashes_of_bytes,
    hashes_of_numbers,
    hashes_of_ticks,
)
from dsml_magics.profile.sketch.lengths import Lengths
from dsml_magics.profile.sketch.moments import Moments
from dsml_magics.profile.sketch.order import Order
from dsml_magics.profile.sketch.quantiles import RUN, Quantiles, Run

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

_TRIAL = 2048
_TOP = 10
_RARE = 6
"""Values that stand no more often in a batch of many are not worth keeping."""
_FEW = 0.5
"""Below this share of distinct values in a trial, texts are counted by a table of all of them."""


@dataclass(frozen=True, slots=True)
class Keeping:
    """How much is kept of a batch.

    Attributes
    ----------
    exact
        Everything.
    threshold
        Greatest hash that can still be among the least ones.
    """

    exact: bool
    threshold: int = 2**64 - 1

    def distinct(self, hashes: "np.ndarray[Any, Any]") -> Distinct:
        """Keep the distinct hashes."""
        return fresh(hashes, None if self.exact else LEAST, self.threshold)


def sketch_of(
    field: "pa.Field", array: "pa.Array", keeping: Keeping
) -> "tuple[ColumnSketch, np.ndarray[Any, Any]]":
    """Summarise the values of a batch; give the hash of each row's value too."""
    from dsml_magics.frames.column import MIXED

    array = plain(array)
    mixed = (field.metadata or {}).get(MIXED)
    basis = {
        "name": field.name,
        "type": field.type,
        "exact": keeping.exact,
        "rows": len(array),
        "mixed": mixed.decode() if mixed else None,
    }
    family = family_of(field.type)
    found, hashes = _MEASURES[family](array, keeping)
    return ColumnSketch(**basis, **found), hashes


def _numbers(array: "pa.Array", keeping: Keeping) -> Any:
    import numpy as np

    gone = array.is_null(nan_is_null=True)
    missing = gone.true_count
    values = (array.fill_null(0) if array.null_count else array).to_numpy(zero_copy_only=False)
    hashes = hashes_of_numbers(values)
    present = values
    if missing:
        mask = gone.to_numpy(zero_copy_only=False)
        hashes[mask] = NULL
        present = values[~mask]
    if not len(present):
        return {"missing": missing}, hashes
    ordered = np.sort(present)
    if ordered.dtype == np.float32:
        ordered = ordered.astype(np.float64)
    low, zero, high = _places(ordered)
    starts = _starts(ordered)
    counts = _counts(ordered, starts, keeping)
    found: dict[str, Any] = {
        "missing": missing,
        "lowest": ordered[0].item(),
        "highest": ordered[-1].item(),
        "zeros": zero[1] - zero[0],
        "negative": zero[0],
        "infinite": low + len(ordered) - high,
        "moments": _moments(ordered, starts, low, high),
        "counts": counts,
    }
    if not counts.is_complete:
        found |= _many(ordered, hashes, missing, keeping)
    return found, hashes


def _places(ordered: "np.ndarray[Any, Any]") -> tuple[int, tuple[int, int], int]:
    """Find where the finite values, and the zeros, begin and end among sorted ones."""
    import numpy as np

    low, high = 0, len(ordered)
    if ordered.dtype.kind == "f":
        low = int(np.searchsorted(ordered, -np.inf, "right"))
        high = int(np.searchsorted(ordered, np.inf, "left"))
    zeros = int(np.searchsorted(ordered, 0, "left")), int(np.searchsorted(ordered, 0, "right"))
    return low, zeros, high


def _starts(ordered: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any] | None":
    """Find where each distinct value begins; None where all differ."""
    import numpy as np

    changes = ordered[1:] != ordered[:-1]
    if changes.all():
        return None
    return np.concatenate([[0], np.flatnonzero(changes) + 1])


def _moments(
    ordered: "np.ndarray[Any, Any]", starts: "np.ndarray[Any, Any] | None", low: int, high: int
) -> Moments:
    import numpy as np

    if starts is None or len(starts) > len(ordered) / 4 or low or high < len(ordered):
        return Moments.of(ordered[low:high])
    return Moments.of(ordered[starts], np.diff(starts, append=len(ordered)))


def _counts(
    ordered: "np.ndarray[Any, Any]", starts: "np.ndarray[Any, Any] | None", keeping: Keeping
) -> Counts:
    import numpy as np

    if starts is None:
        few = len(ordered) <= MANY
        shown = ordered if few else ordered[:_TOP] if keeping.exact else ordered[:0]
        return Counts(dict.fromkeys(shown.tolist(), 1), error=0 if few else 1)
    sizes = np.diff(starts, append=len(ordered))
    if len(starts) <= MANY:
        return Counts(dict(zip(ordered[starts].tolist(), sizes.tolist(), strict=True)))
    if not keeping.exact and (most := int(sizes.max())) <= _RARE:
        return Counts(error=most)
    chosen, error = _heaviest(sizes)
    return Counts(
        dict(zip(ordered[starts[chosen]].tolist(), sizes[chosen].tolist(), strict=True)), error=error
    )


def _heaviest(sizes: "np.ndarray[Any, Any]") -> "tuple[np.ndarray[Any, Any], int]":
    """Choose the greatest counts, the first ones of equals; tell the greatest one left out."""
    import numpy as np

    least = int(np.partition(sizes, len(sizes) - HEAVY)[len(sizes) - HEAVY])
    more = np.flatnonzero(sizes > least)
    same = np.flatnonzero(sizes == least)
    room = HEAVY - len(more)
    rest = least if len(same) > room else int(sizes[sizes < least].max(initial=0))
    return np.sort(np.concatenate([more, same[:room]])), rest


def _many(
    ordered: "np.ndarray[Any, Any]", hashes: "np.ndarray[Any, Any]", missing: int, keeping: Keeping
) -> dict[str, Any]:
    """Keep what many distinct values need: their hashes and a run of their order."""
    kept = hashes[hashes != NULL] if missing else hashes
    run = Run(ordered) if keeping.exact else Run(ordered).shortened(RUN)
    return {"hashes": keeping.distinct(kept), "quantiles": Quantiles((run,))}


def _times(array: "pa.Array", keeping: Keeping) -> Any:
    import numpy as np

    ticks, unit = ticks_of(array)
    hashes = hashes_of_ticks(ticks, unit)
    present = ticks
    if array.null_count:
        mask = array.is_null().to_numpy(zero_copy_only=False)
        hashes[mask] = NULL
        present = ticks[~mask]
    if not len(present):
        return {"missing": array.null_count}, hashes
    ordered = np.sort(present)
    counts = _counts(ordered, _starts(ordered), keeping)
    found = {
        "missing": array.null_count,
        "lowest": int(ordered[0]),
        "highest": int(ordered[-1]),
        "moments": Moments.of(ordered),
        "counts": counts,
        "order": Order.of(present, ordered, always=keeping.exact),
    }
    if not counts.is_complete:
        found |= _many(ordered, hashes, array.null_count, keeping)
    return found, hashes


def _booleans(array: "pa.Array", _keeping: Keeping) -> Any:
    hashes = hashes_of(array)
    true, false = array.true_count, array.false_count
    counts = {value: count for value, count in ((False, false), (True, true)) if count}
    found = {
        "missing": array.null_count,
        "lowest": min(counts, default=None),
        "highest": max(counts, default=None),
        "moments": _moments_of_booleans(true, false),
        "counts": Counts(counts),
    }
    return found, hashes


def _moments_of_booleans(true: int, false: int) -> Moments:
    import numpy as np

    return Moments.of(np.array([0.0, 1.0]), np.array([false, true]))


def _texts(array: "pa.Array", keeping: Keeping) -> Any:
    from pyarrow import types

    if types.is_dictionary(array.type):
        return _encoded(array, keeping)
    trial = array.slice(0, _TRIAL)
    few = len(trial.dictionary_encode().dictionary) < _FEW * len(trial) or len(array) <= MANY
    return _encoded(array.dictionary_encode(), keeping) if few else _hashed(array, keeping)


def _encoded(array: "pa.DictionaryArray", keeping: Keeping) -> Any:
    """Summarise texts by the table of their distinct values."""
    import numpy as np

    missing = array.null_count
    codes = array.indices.drop_null() if missing else array.indices
    sizes = np.bincount(codes.to_numpy(zero_copy_only=False), minlength=len(array.dictionary))
    inner = hashes_of_bytes(array.dictionary)
    hashes = np.full(len(array), NULL, "<u8")
    if len(inner):
        hashes = inner[array.indices.fill_null(0).to_numpy(zero_copy_only=False)]
        if missing:
            hashes[array.is_null().to_numpy(zero_copy_only=False)] = NULL
    found: dict[str, Any] = {
        "missing": missing,
        "counts": _counts_of_texts(array.dictionary, sizes),
        "lengths": Lengths.of(array.dictionary, sizes),
    }
    if not found["counts"].is_complete:
        found["hashes"] = keeping.distinct(inner[sizes > 0])
    return found, hashes


def _counts_of_texts(texts: "pa.Array", sizes: "np.ndarray[Any, Any]") -> Counts:
    """Count texts, of which each may stand in several places of a dictionary, and some nowhere."""
    import numpy as np
    import pyarrow as pa

    chosen, error = np.flatnonzero(sizes), 0
    if len(chosen) > MANY:
        heaviest, error = _heaviest(sizes[chosen])
        chosen = chosen[heaviest]
    counts: dict[str, int] = {}
    for text, count in zip(texts.take(pa.array(chosen)).to_pylist(), sizes[chosen].tolist(), strict=True):
        counts[text] = counts.get(text, 0) + count
    return Counts(counts, error=error).pruned()


def _hashed(array: "pa.Array", keeping: Keeping) -> Any:
    """Summarise texts of which most differ: without a table of them."""
    import numpy as np
    import pyarrow as pa

    hashes = hashes_of_bytes(array)
    if missing := array.null_count:
        hashes[array.is_null().to_numpy(zero_copy_only=False)] = NULL
    ordered = np.sort(hashes)[: len(hashes) - missing]
    starts = _starts(ordered)
    each = ordered if starts is None else ordered[starts]
    found: dict[str, Any] = {
        "missing": missing,
        "lengths": Lengths.of(array.drop_null() if missing else array),
        "hashes": keeping.distinct(each),
    }
    if starts is None:
        found["counts"] = Counts(dict.fromkeys(_first(array) if keeping.exact else (), 1), error=1).pruned()
        return found, hashes
    sizes = np.diff(starts, append=len(ordered))
    if not keeping.exact and (most := int(sizes.max())) <= _RARE:
        return found | {"counts": Counts(error=most)}, hashes
    chosen, error = _heaviest(sizes) if len(sizes) > HEAVY else (np.arange(len(sizes)), 0)
    repeated = chosen[sizes[chosen] > 1]
    if len(repeated) < len(chosen):
        error = max(error, 1)
    wanted = each[repeated]
    places = np.flatnonzero(np.isin(hashes, wanted))
    _, firsts = np.unique(hashes[places], return_index=True)
    texts = array.take(pa.array(places[firsts])).to_pylist()
    found["counts"] = Counts(dict(zip(texts, sizes[repeated].tolist(), strict=True)), error=error).pruned()
    return found, hashes


def _first(array: "pa.Array") -> list[str]:
    """List the first texts of all in their order."""
    import pyarrow as pa
    import pyarrow.compute as pc

    table = pa.table({"text": array.drop_null()})
    places = pc.select_k_unstable(table, k=_TOP, sort_keys=[("text", "ascending")])
    found: list[str] = table.column("text").take(places).to_pylist()
    return found


def _others(array: "pa.Array", keeping: Keeping) -> Any:
    """Summarise binary and nested values: only whether they differ."""
    hashes = hashes_of(array)
    kept = hashes[hashes != NULL] if array.null_count else hashes
    return {"missing": array.null_count, "hashes": keeping.distinct(kept)}, hashes


def _nothing(array: "pa.Array", _keeping: Keeping) -> Any:
    return {"missing": len(array)}, hashes_of(array)


_MEASURES = {
    "number": _numbers,
    "boolean": _booleans,
    "time": _times,
    "text": _texts,
    "binary": _others,
    "nested": _others,
    "null": _nothing,
}
