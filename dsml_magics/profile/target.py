"""The column to be predicted: what it is like, and how it goes with every other column."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from dsml_magics.errors import ColumnUnusable
from dsml_magics.profile.association import Associations, positive
from dsml_magics.profile.bands import MISSING, divided
from dsml_magics.profile.coded import Coded
from dsml_magics.profile.column import GROUPED, ORDERED, Column
from dsml_magics.profile.figures import Target, TargetGroup, TargetPlot
from dsml_magics.profile.gaps import gaps_of
from dsml_magics.profile.vectors import Groups, numbers_in

if TYPE_CHECKING:
    import numpy as np

    from dsml_magics.profile.sketch.gram import Gram
    from dsml_magics.profile.sketch.sample import Sample

FEW = 20
"""A numeric target with at most so many distinct values is read as classes."""
CLASSES = 8
"""So many classes are told apart."""
PLOTS = 12
"""So many columns are compared with the target."""


def require_usable(column: Column) -> None:
    """Refuse a target that nothing can be predicted of.

    Raises
    ------
    ColumnUnusable
        It has no values, or lists, structs or bytes.
    """
    if column.present == 0:
        raise ColumnUnusable(
            f"Expected values in the target {column.name!r}, got {column.rows} missing ones."
        )
    if column.kind in ("nested", "binary", "other"):
        raise ColumnUnusable(
            f"Expected a target of numbers, classes or times, got {column.name!r} ({column.type})."
        )


def target_of(columns: Mapping[str, Column], sample: "Sample", gram: "Gram", *, target: str) -> Target:
    """Measure every column's association with the target, and show the strongest ones.

    See `Associations` for the measures.
    """
    coded = Coded(columns, sample)
    goal = Goal(coded, target)
    measured = Associations(coded, gram, classes=target if goal.task == "classes" else None)
    usable = [name for name, column in columns.items() if column.kind in ORDERED + GROUPED and name != target]
    found = [positive(each) for name in usable if (each := measured.of(name, target))]
    ranked = tuple(sorted(found, key=lambda each: (-each.strength, each.column)))
    plots = (_plot(coded, goal, each.column) for each in ranked[:PLOTS])
    return Target(
        target,
        ranked,
        goal.task,
        goal.classes,
        tuple(plot for plot in plots if plot.groups),
        gaps_of(coded, target, task=goal.task),
    )


def task_of(target: Column) -> Literal["classes", "values"]:
    """Tell whether classes are to be told apart or values to be estimated."""
    few = target.kind == "numeric" and target.distinct <= FEW
    return "values" if target.kind in ORDERED and not few else "classes"


def _plot(coded: Coded, goal: "Goal", name: str) -> TargetPlot:
    parts = divided(coded, name)
    groups = () if parts is None else goal.by(parts)
    return TargetPlot(name, tuple(group for group in groups if group.rows))


class Goal:
    """The target among groups of rows.

    Attributes
    ----------
    classes
        The most frequent classes; the last may be None for all others.
    """

    def __init__(self, coded: Coded, target: str) -> None:
        self._coded = coded
        self.task = task_of(coded.columns[target])
        groups = coded.groups(target) if self.task == "classes" else None
        self._groups = None if groups is None else groups.merged(CLASSES)
        self.classes = () if self._groups is None else self._groups.labels
        is_number = coded.columns[target].kind == "numeric"
        self._values = numbers_in(coded.array(target)) if self.task == "values" and is_number else None
        self._ranks = None if self._values is None else _ranks(self._values)

    def by(self, parts: Groups) -> tuple[TargetGroup, ...]:
        """Tell what the target is like in each part of the rows, and last where the part is missing.

        Rows without a target are left out. No group where the target is a moment: it has neither shares nor a mean.
        """
        if self._groups is not None:
            return self._shares(parts, self._groups)
        if self._values is None or self._ranks is None:
            return ()
        return self._means(parts, self._values, self._ranks)

    def _shares(self, parts: Groups, goal: Groups) -> tuple[TargetGroup, ...]:
        import numpy as np

        height, width = len(parts.labels) + 1, len(goal.labels) + 1
        cells = np.bincount(parts.codes * width + goal.codes, self._coded.weights, height * width)
        table = cells.reshape(height, width)[:, :-1]
        rows = table.sum(axis=1)
        shares = table / np.maximum(rows, 1)[:, None]
        return tuple(
            TargetGroup(label, self._coded.rows(float(count)), shares=tuple(each.tolist()))
            for label, count, each in zip((*parts.labels, MISSING), rows, shares, strict=True)
        )

    def _means(
        self, parts: Groups, values: "np.ndarray[Any, Any]", ranks: "np.ndarray[Any, Any]"
    ) -> tuple[TargetGroup, ...]:
        import numpy as np

        labels = (*parts.labels, MISSING)
        # Sixteen bits are sorted by counting; rows of a part stay in the order of the target.
        codes = parts.codes[ranks].astype(np.uint16)
        order = np.argsort(codes, kind="stable")
        ends = np.searchsorted(codes[order], np.arange(len(labels)), "right")
        pieces = np.split(ranks[order], ends[:-1])
        return tuple(
            self._mean(label, values[piece], piece) for label, piece in zip(labels, pieces, strict=True)
        )

    def _mean(self, label: str, ranked: "np.ndarray[Any, Any]", rows: "np.ndarray[Any, Any]") -> TargetGroup:
        import numpy as np

        if not len(ranked):
            return TargetGroup(label, 0)
        weights = self._coded.weights
        counts = np.ones(len(rows)) if weights is None else weights[rows]
        # In units of the largest one, as a sum of numbers near the end of their range would overflow.
        largest = max(-float(ranked[0]), float(ranked[-1]))
        unit = largest if largest > 1e300 else 1.0
        mean = float(np.average(ranked / unit, weights=counts)) * unit
        lower, upper = quantiles(ranked, counts, (0.25, 0.75))
        return TargetGroup(label, self._coded.rows(float(counts.sum())), mean=mean, lower=lower, upper=upper)


def _ranks(values: "np.ndarray[Any, Any]") -> "np.ndarray[Any, Any]":
    """List the rows with finite values in the order of these."""
    import numpy as np

    rows = np.flatnonzero(np.isfinite(values))
    return np.asarray(rows[np.argsort(values[rows], kind="stable")])


def quantiles(
    ranked: "np.ndarray[Any, Any]", counts: "np.ndarray[Any, Any]", shares: tuple[float, ...]
) -> list[float]:
    """Read quantiles of sorted values that stand for `counts` rows each, as numpy does of these rows."""
    import numpy as np

    up_to = np.cumsum(counts)
    at = np.array(shares) * (up_to[-1] - 1)
    low, high = (ranked[np.searchsorted(up_to, rank, "right")] for rank in (np.floor(at), np.ceil(at)))
    share = at - np.floor(at)
    return [float(value) for value in np.where(low == high, low, low * (1 - share) + high * share)]
