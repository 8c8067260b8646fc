"""The figures of one column, read from its summary."""

import math
from itertools import islice
from types import MappingProxyType
from typing import Any

from dsml_magics.profile.column import Column, Kind, Text
from dsml_magics.profile.distribution import distribution_of
from dsml_magics.profile.instant import moments_of, times_of
from dsml_magics.profile.kind import kind_of
from dsml_magics.profile.notation import Notation, read_notation
from dsml_magics.profile.personal import personal_of
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.sample import Sample
from dsml_magics.profile.textual import MOST, Textual, examined, variants

_TOP = 10
_READ = 10_000
"""So many texts are read as numbers or dates; in a larger table others may be written in other ways."""


def column_of(sketch: ColumnSketch, sample: Sample, *, said: Kind | None = None) -> Column:
    """Read every figure of a column, each with its bound if it is not exact.

    Parameters
    ----------
    sample
        Rows that the texts are looked into.
    said
        The kind, if the user said it.
    """
    from pyarrow.types import is_integer

    texts = _texts(sketch, sample)
    found = examined(texts, name=sketch.name) if texts else None
    notation = _notation(sketch, sample, texts)
    kind, evidence = kind_of(
        sketch, words=found.words if found else None, notation=notation.kind if notation else None, said=said
    )
    count, off = sketch.distinct()
    figures: dict[str, Any] = {
        "name": sketch.name,
        "kind": kind,
        "type": f"object ({sketch.mixed})" if sketch.is_object else str(sketch.type),
        "evidence": evidence,
        "rows": sketch.rows,
        "missing": sketch.missing,
        "distinct": count,
        "mixed": None if sketch.is_object else sketch.mixed,
        "counts": sketch.counts if sketch.counts.counts else None,
        "notation": notation,
        "parses_as": notation.kind if notation else None,
        "bounds": {"distinct": off} if off else {},
    }
    if sketch.present:
        for part in _PARTS[sketch.family]:
            more = part(sketch)
            figures["bounds"] |= more.pop("bounds", {})
            figures |= more
    if found:
        figures |= _of_texts(sketch, found, len(texts), count)
    if sketch.family == "number" and sketch.present and is_integer(sketch.value_type):
        figures["personal"] = personal_of(_digits(sketch, sample), name=sketch.name)
    figures["bounds"] = MappingProxyType(figures["bounds"])
    return Column(**figures)


def _texts(sketch: ColumnSketch, sample: Sample) -> list[str]:
    if sketch.family != "text" or not sketch.present:
        return []
    if sketch.counts.is_complete:
        return list(sketch.counts.counts)[:MOST]
    return sample.values(sketch.name, MOST) or list(sketch.counts.counts)


def _notation(sketch: ColumnSketch, sample: Sample, texts: list[str]) -> Notation | None:
    """Read how numbers or dates are written: from more texts, where some of them say that they are such."""
    complete = sketch.counts.is_complete and len(sketch.counts.counts) == len(texts)
    found = read_notation(texts, complete=complete)
    if found is None or complete or not sample.is_complete:
        return found
    known = sample.values(sketch.name, sketch.rows)
    return read_notation(known[:_READ], complete=len(known) <= _READ)


def _digits(sketch: ColumnSketch, sample: Sample) -> list[str]:
    known = sketch.counts.counts if sketch.counts.is_complete else sample.values(sketch.name, MOST)
    return list(map(str, islice(known, MOST)))


def _of_texts(sketch: ColumnSketch, found: Textual, number: int, distinct: int) -> dict[str, Any]:
    lengths = sketch.lengths
    text = Text(
        shortest=lengths.shortest,
        mean=lengths.characters / lengths.count,
        longest=lengths.longest,
        blank=lengths.blank,
        words=found.words,
        scripts=found.scripts,
        examined=min(number, distinct),
    )
    spellings = variants(sketch.counts.counts) if sketch.counts.counts else ()
    return {"text": text, "variants": spellings, "personal": found.personal}


def _frequent(sketch: ColumnSketch) -> dict[str, Any]:
    top = sketch.counts.top(_TOP)
    off = sketch.counts.top_bound(_TOP)
    if sketch.family == "time":
        moments = moments_of([value for value, _ in top], sketch.value_type)
        top = tuple(zip(moments, [count for _, count in top], strict=True))
    return {"top": top, "bounds": {"top": off} if off else {}}


def _booleans(sketch: ColumnSketch) -> dict[str, Any]:
    return {"min": sketch.lowest, "max": sketch.highest, "mean": sketch.moments.mean}


def _numbers(sketch: ColumnSketch) -> dict[str, Any]:
    moments = sketch.moments
    return {
        "min": sketch.lowest,
        "max": sketch.highest,
        "mean": _mean(sketch),
        "std": None if sketch.infinite else moments.std,
        "skewness": moments.skewness,
        "kurtosis": moments.kurtosis,
        "zeros": sketch.zeros,
        "negative": sketch.negative,
        "infinite": sketch.infinite,
    }


def _mean(sketch: ColumnSketch) -> float | None:
    if not sketch.infinite:
        return sketch.moments.mean
    ends = {end for end in (sketch.lowest, sketch.highest) if isinstance(end, float) and math.isinf(end)}
    return ends.pop() if len(ends) == 1 else None


_PARTS: dict[str, tuple[Any, ...]] = {
    "number": (_numbers, distribution_of, _frequent),
    "boolean": (_booleans, _frequent),
    "time": (times_of, _frequent),
    "text": (_frequent,),
    "binary": (),
    "nested": (),
    "null": (),
}
