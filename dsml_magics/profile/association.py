"""How strongly columns go together, two by two."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

from dsml_magics.profile.coded import Coded
from dsml_magics.profile.column import GROUPED, ORDERED, Column
from dsml_magics.profile.figures import Association, Matrix, Scatter
from dsml_magics.profile.measured import LEAST, measured_groups, measured_mixed, measured_numbers
from dsml_magics.profile.screen import strong_pairs
from dsml_magics.profile.settings import Settings

if TYPE_CHECKING:
    from dsml_magics.profile.sketch.gram import Gram
    from dsml_magics.profile.sketch.sample import Sample

PAIRED = 100
"""So many columns are paired with each other; the work grows with their square."""
MOST = 200
"""So many associations are listed."""
WIDE = 30
"""So many columns has the matrix."""
_SCATTERS = 6
_SCATTERED = 0.3
_POINTS = 300


@dataclass(frozen=True, slots=True)
class Pairs:
    """What is known of each two columns.

    Attributes
    ----------
    associations
        At least `LEAST` strong, strongest first, at most `MOST`.
    matrix
        None where there are no two columns that can be paired.
    scatters
        The strongest pairs of numbers.
    left_out
        How many columns were not paired with every other one, as there are more than `PAIRED`.
    """

    associations: tuple[Association, ...] = ()
    matrix: Matrix | None = None
    scatters: tuple[Scatter, ...] = ()
    left_out: int = 0


class Associations:
    """Measures the association of any two columns.

    Two columns of numbers or truth values: Pearson's correlation, over all rows where `gram` has both. Two
    of categories: Cramér's V with Bergsma's bias correction (2013). One of each: correlation ratio (Fisher
    1925) with Kelley's correction (1935). Rows where either is missing or infinite are left out. Of a column
    with more than 50 categories the 49 most frequent ones count, and all others as one. Texts, identifiers,
    nested, binary and constant columns have no association, nor have two columns whose categories are so many for
    their rows that chance alone often makes one as strong.
    """

    def __init__(self, coded: Coded, gram: "Gram", *, classes: str | None = None) -> None:
        self.coded = coded
        self._places = {name: place for place, name in enumerate(gram.names)}
        self._pearson = gram.pearson().tolist()
        self._classes = classes

    def of(self, one: str, two: str) -> Association | None:
        """Measure a pair; negative only for Pearson. None where there is nothing to measure."""
        if self._is_number(one) and self._is_number(two):
            return self._of_numbers(one, two)
        if self._is_grouped(one) and self._is_grouped(two):
            return self._of_groups(one, two)
        return self._mixed(one, two) if self._is_grouped(one) else self._mixed(two, one, first=one)

    def _is_grouped(self, name: str) -> bool:
        return name == self._classes or self.coded.is_grouped(name)

    def _is_number(self, name: str) -> bool:
        """Truth values are numbers beside others."""
        kind = self.coded.columns[name].kind
        return kind == "boolean" or (kind in ORDERED and name != self._classes)

    def _of_numbers(self, one: str, two: str) -> Association | None:
        places = self._places.get(one), self._places.get(two)
        if places[0] is not None and places[1] is not None:
            exact = self._pearson[places[0]][places[1]]
            return Association(one, two, "Pearson", exact) if exact == exact else None  # noqa: PLR0124  NaN
        return measured_numbers(self.coded, (one, two))

    def _of_groups(self, one: str, two: str) -> Association | None:
        x, y = self.coded.groups(one), self.coded.groups(two)
        return None if x is None or y is None else measured_groups(self.coded, (one, two), x, y)

    def _mixed(self, grouped: str, ordered: str, *, first: str | None = None) -> Association | None:
        groups, numbers = self.coded.groups(grouped), self.coded.numbers(ordered)
        if groups is None or numbers is None:
            return None
        names = (grouped, ordered) if first is None else (ordered, grouped)
        return measured_mixed(self.coded, names, groups, numbers)


def pairs(columns: Mapping[str, Column], sample: "Sample", gram: "Gram", *, settings: Settings) -> Pairs:
    """Measure each two columns, see `Associations`.

    Of more than `PAIRED`, each two of the first ones and the target, and those pairs of all that `strong_pairs` finds.
    """
    measured = Associations(Coded(columns, sample), gram)
    usable = [name for name, column in columns.items() if column.kind in ORDERED + GROUPED]
    names = _first(usable, PAIRED, also=settings.target)
    found = {pair: association for pair in combinations(names, 2) if (association := measured.of(*pair))}
    if len(names) < len(usable):
        others = {pair for pair in strong_pairs(measured.coded, usable) if not set(pair) <= set(names)}
        found |= {pair: association for pair in others if (association := measured.of(*pair))}
    ranked = sorted(found.values(), key=lambda each: (-abs(each.strength), each.column, each.other))
    return Pairs(
        associations=tuple(positive(each) for each in ranked[:MOST] if abs(each.strength) >= LEAST),
        matrix=_matrix(_first(usable, WIDE, also=settings.target), found, usable=len(usable)),
        scatters=_scatters(ranked, measured.coded),
        left_out=len(usable) - len(names),
    )


def positive(association: Association) -> Association:
    """Tell how strong an association is, whatever its direction."""
    one = association
    return (
        one
        if one.strength >= 0
        else Association(one.column, one.other, one.measure, -one.strength, one.bound)
    )


def _first(names: Sequence[str], most: int, *, also: str | None) -> list[str]:
    """Keep the first names, and one more even if it stands further back."""
    kept = list(names[:most])
    return kept if also is None or also in kept or also not in names else [*kept[:-1], also]


def _matrix(names: list[str], found: Mapping[tuple[str, str], Association], *, usable: int) -> Matrix | None:
    if len(names) < 2:
        return None
    strengths: dict[tuple[str, str], float] = {}
    for (one, two), association in found.items():
        strengths[one, two] = strengths[two, one] = association.strength
        strengths[one, one] = strengths[two, two] = 1.0
    values = tuple(tuple(strengths.get((one, two)) for two in names) for one in names)
    return Matrix(tuple(names), values, left_out=usable - len(names))


def _scatters(ranked: Sequence[Association], coded: Coded) -> tuple[Scatter, ...]:
    """Show the strongest pairs of numbers."""
    chosen = [
        each
        for each in ranked
        if abs(each.strength) >= _SCATTERED
        and coded.columns[each.column].kind == coded.columns[each.other].kind == "numeric"
    ]
    return tuple(
        Scatter(each.column, each.other, each.measure, each.strength, points)
        for each in chosen[:_SCATTERS]
        if (points := _points(coded, each.column, each.other))
    )


def _points(coded: Coded, x: str, y: str) -> tuple[tuple[float, float], ...]:
    """Take rows at equal distances: the rows of a sample stand in a random order, those of a whole table in their own."""
    import numpy as np

    from dsml_magics.profile.vectors import numbers_in

    across, up = numbers_in(coded.array(x)), numbers_in(coded.array(y))
    if across is None or up is None:
        return ()
    rows = np.flatnonzero(np.isfinite(across) & np.isfinite(up))
    chosen = rows[np.unique(np.linspace(0, len(rows) - 1, _POINTS).astype(np.intp))] if len(rows) else rows
    return tuple(zip(across[chosen].tolist(), up[chosen].tolist(), strict=True))
