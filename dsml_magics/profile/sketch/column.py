"""The summary of one column, gathered batch by batch and merged with others."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Self

from dsml_magics.errors import ColumnUnusable
from dsml_magics.profile.sketch import distinct
from dsml_magics.profile.sketch.distinct import LEAST, Distinct
from dsml_magics.profile.sketch.family import Family, family_of
from dsml_magics.profile.sketch.frequent import Counts
from dsml_magics.profile.sketch.hashing import hashes_of_bytes, hashes_of_numbers, hashes_of_ticks
from dsml_magics.profile.sketch.lengths import Lengths
from dsml_magics.profile.sketch.moments import Moments
from dsml_magics.profile.sketch.order import Order
from dsml_magics.profile.sketch.quantiles import KEPT, RUN, Points, Quantiles, run_of

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSketch:
    """What is kept of a column.

    Attributes
    ----------
    type
        Its Arrow type.
    exact
        Whether everything is kept: no limits.
    lowest, highest
        Of the values present: numbers, ticks; None for other families.
    zeros, negative, infinite
        Counts; of numbers.
    counts
        Value counts, complete as long as there are few; then nothing else is needed of the distribution.
    hashes, quantiles
        Distinct values and distribution, once there are many values.
    mixed
        The Python types that stood in the column.
    """

    name: str
    type: "pa.DataType"
    exact: bool = False
    rows: int = 0
    missing: int = 0
    lowest: Any = None
    highest: Any = None
    zeros: int = 0
    negative: int = 0
    infinite: int = 0
    moments: Moments = Moments()
    counts: Counts = Counts()
    hashes: Distinct | None = None
    quantiles: Quantiles = Quantiles()
    lengths: Lengths = Lengths()
    order: Order = Order()
    mixed: str | None = None

    @property
    def value_type(self) -> "pa.DataType":
        """Give the Arrow type of its values, also where these are encoded as a dictionary."""
        from pyarrow import types

        return self.type.value_type if types.is_dictionary(self.type) else self.type

    @property
    def family(self) -> Family:
        return family_of(self.type)

    @property
    def is_object(self) -> bool:
        """Whether it holds Python objects that no table format has, written down as bytes."""
        return self.family == "binary" and self.mixed is not None

    @property
    def present(self) -> int:
        return self.rows - self.missing

    @property
    def run_limit(self) -> int | None:
        return None if self.exact else RUN

    @property
    def hash_limit(self) -> int | None:
        return None if self.exact else LEAST

    def distinct(self) -> tuple[int, float]:
        """Count the distinct values, and tell the bound of the count."""
        if self.hashes is None:
            return len(self.counts.counts), 0.0
        if self.hashes.is_exact:
            return self.hashes.count(), 0.0
        return min(self.hashes.count(), self.present), distinct.BOUND

    def points(self) -> Points | None:
        """Give the distribution of numbers and times; None where nothing is present."""
        import numpy as np

        if self.family not in ("number", "time") or not self.present:
            return None
        if self.counts.is_complete:
            values = sorted(self.counts.counts)
            weights = np.array([self.counts.counts[value] for value in values], np.float64)
            return Points(np.array(values), weights)
        return self.quantiles.settled(None if self.exact else KEPT).points()

    def followed_by(self, later: Self) -> "ColumnSketch":
        """Put the rows of the next batch of the same table behind these."""
        return self._merged(later, order=self.order.followed_by(later.order))

    def merged(self, other: Self) -> "ColumnSketch":
        """Put the columns of two tables together.

        Raises
        ------
        ColumnUnusable
            They are of different families: numbers and texts, say.
        """
        return self._merged(other, order=self.order + other.order)

    def _merged(self, other: Self, *, order: Order) -> "ColumnSketch":
        kind = common_type(self, other)
        one, two = self.in_type(kind), other.in_type(kind)
        counts = one.counts.merged(two.counts)
        many = not counts.is_complete
        exact = one.exact and two.exact
        return ColumnSketch(
            name=one.name,
            type=kind,
            exact=exact,
            rows=one.rows + two.rows,
            missing=one.missing + two.missing,
            lowest=min(_given(one.lowest, two.lowest), default=None),
            highest=max(_given(one.highest, two.highest), default=None),
            zeros=one.zeros + two.zeros,
            negative=one.negative + two.negative,
            infinite=one.infinite + two.infinite,
            moments=one.moments + two.moments,
            counts=counts,
            hashes=one.all_hashes().merged(two.all_hashes()) if many or one.hashes or two.hashes else None,
            quantiles=one.all_quantiles().merged(two.all_quantiles(), None if exact else RUN)
            if many and one.family in ("number", "time")
            else Quantiles(),
            lengths=one.lengths + two.lengths,
            order=order,
            mixed=", ".join(sorted({*(one.mixed or "").split(", "), *(two.mixed or "").split(", ")} - {""}))
            or None,
        )

    def all_hashes(self) -> Distinct:
        """Give the distinct values as hashes, from the counts if these are complete."""
        import numpy as np
        import pyarrow as pa

        if self.hashes is not None:
            return self.hashes
        values = list(self.counts.counts)
        start = distinct.empty(self.hash_limit)
        if not values:
            return start
        if self.family == "text":
            return start.added(hashes_of_bytes(pa.array(values, pa.large_string())))
        if self.family == "time":
            return start.added(hashes_of_ticks(np.array(values, "<i8"), nanoseconds_of(self.type)))
        return start.added(hashes_of_numbers(np.array(values)))

    def all_quantiles(self) -> Quantiles:
        """Give the distribution as runs, from the counts if these are complete."""
        import numpy as np

        if self.quantiles.runs or not self.counts.counts or self.family not in ("number", "time"):
            return self.quantiles
        values = np.array(sorted(self.counts.counts))
        counts = np.array([self.counts.counts[value] for value in values.tolist()], np.int64)
        return Quantiles((run_of(values, counts, self.run_limit),))

    def in_type(self, kind: "pa.DataType") -> "ColumnSketch":
        """Count the ticks of moments in another unit."""
        if kind == self.type or self.family != "time":
            return replace(self, type=kind)
        factor = nanoseconds_of(self.type) / nanoseconds_of(kind)
        return replace(self, type=kind) if factor == 1 else self._scaled(int(factor), kind)

    def _scaled(self, factor: int, kind: "pa.DataType") -> "ColumnSketch":
        scaled = [Quantiles(tuple(replace(run, values=run.values * factor) for run in self.quantiles.runs))]
        order = self.order
        return replace(
            self,
            type=kind,
            lowest=None if self.lowest is None else self.lowest * factor,
            highest=None if self.highest is None else self.highest * factor,
            moments=self.moments.scaled(factor),
            counts=Counts(
                {value * factor: count for value, count in self.counts.counts.items()},
                {value * factor: more for value, more in self.counts.slack.items()},
                self.counts.error,
            ),
            quantiles=scaled[0],
            order=order.scaled(factor),
        )

    def settled(self) -> "ColumnSketch":
        """Shorten what is kept to what is stored."""
        hashes = self.hashes.limited(LEAST) if self.hashes is not None else None
        return replace(self, exact=False, hashes=hashes, quantiles=self.quantiles.settled(KEPT))


def _given(*values: Any) -> list[Any]:
    return [value for value in values if value is not None]


def nanoseconds_of(kind: "pa.DataType") -> int:
    """Tell how many nanoseconds a tick of a type of moments has."""
    import pyarrow as pa

    from dsml_magics.profile.sketch.family import ticks_of

    return ticks_of(pa.nulls(0, kind))[1]


def common_type(one: ColumnSketch, two: ColumnSketch) -> "pa.DataType":
    """Find a type for the values of both.

    Raises
    ------
    ColumnUnusable
        There is none.
    """
    import pyarrow as pa

    if one.type == two.type:
        return one.type
    families = {one.family, two.family} - {"null"}
    if len(families) == 1:
        kinds = [part.type for part in (one, two)]
        if "dictionary" in str(kinds[0]) or "dictionary" in str(kinds[1]):
            kinds = [kind.value_type if pa.types.is_dictionary(kind) else kind for kind in kinds]
        try:
            schemas = [pa.schema([(one.name, kind)]) for kind in kinds]
            return pa.unify_schemas(schemas, promote_options="permissive").types[0]
        except pa.ArrowException:
            pass
    raise ColumnUnusable(
        f"Expected the same kind of values in column {one.name!r} of both tables, got {one.type} and {two.type}. "
        "Cast one of them first."
    )
