"""Answer plain values, as requests bring them: by the plan of the pipeline where it was proved equal, else by the pipeline."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from dsml_magics.package.compiled.plan import Plan
from dsml_magics.package.reading import Columns, checked, plainly_kept, values_of
from dsml_magics.package.scorer import Scorer
from dsml_magics.package.violation import Violation


@dataclass(frozen=True)
class Answered:
    """What rows were answered with.

    Attributes
    ----------
    predictions
        What `predict` returned; None if rows were refused.
    violations
        What was wrong with rows; if any is `refused`, nothing was predicted.
    columns
        The values that were predicted from, by column.
    """

    predictions: Any
    violations: Sequence[Violation]
    columns: Columns

    @property
    def is_refused(self) -> bool:
        return any(violation.refused for violation in self.violations)


@dataclass
class Answerer:
    """A loaded package that answers plain values.

    Attributes
    ----------
    plan
        How the pipeline is answered without frames; None if it is not.
    """

    scorer: Scorer
    plan: Plan | None = None
    _is_plain: Any = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._is_plain = plainly_kept(self.scorer.contract)

    def answer(self, columns: Columns, rows: int) -> Answered:
        """Answer rows, given by column in the order of the contract.

        Raises
        ------
        ModelUnusable
            The model raised.
        """
        if (
            self._is_plain is not None
            and self._is_plain(columns)
            and (planned := self._planned(columns, rows)) is not None
        ):
            return Answered(planned, (), columns)
        found = checked(columns, self.scorer.contract)
        kept = columns
        if found.changed:
            kept = [values_of(column) for column in found.rows.columns]
        if any(violation.refused for violation in found.violations):
            return Answered(None, found.violations, kept)
        planned = self._planned(kept, rows)
        return Answered(self.scorer.answer(found) if planned is None else planned, found.violations, kept)

    def _planned(self, columns: Columns, rows: int) -> Any:
        """Answer by the plan; None if it cannot, whatever stops it: the pipeline itself then says what is wrong."""
        if self.plan is None or not rows:
            return None
        try:
            return self.plan.answer(columns, rows)
        except Exception:  # noqa: BLE001
            return None
