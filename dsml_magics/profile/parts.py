"""Tables that lie in parts on many machines: each part is profiled where it lies, and the profiles are added."""

from collections.abc import Iterator
from itertools import chain
from typing import TYPE_CHECKING

from dsml_magics.frames.table import Table
from dsml_magics.profile.value import Profile

if TYPE_CHECKING:
    import pyarrow as pa

    from dsml_magics.frames.table import Partitions


def profile_of_parts(partitions: "Partitions") -> Profile:
    """Profile every part of a table where it lies; few profiles come here, and are added."""
    return sum(map(Profile.from_bytes, partitions(summary_of_part, sum_of_summaries)), Profile())


# The engines send these two by name to where the parts lie.


def summary_of_part(batches: "Iterator[pa.RecordBatch]") -> bytes:
    """Profile one part."""
    from dsml_magics.profile.state import state_of

    first = next(batches)
    rest = chain([first], batches)
    return Profile(state_of(Table(first.schema, lambda: rest, "a part"))).to_bytes()


def sum_of_summaries(summaries: Iterator[bytes]) -> bytes:
    """Add the profiles of some parts."""
    return sum(map(Profile.from_bytes, summaries), Profile()).to_bytes()
