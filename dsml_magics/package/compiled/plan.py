"""The plan of a fitted pipeline: from plain values straight to the matrix its estimator takes."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.package.compiled.boosting import Answer
from dsml_magics.package.compiled.part import Columns, Part, Step

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True)
class Plan:
    """What a fitted pipeline does with rows.

    Attributes
    ----------
    parts
        What fills the matrix.
    width
        How many columns the matrix has.
    is_sparse
        Whether the pipeline hands its estimator a sparse matrix.
    tail
        Steps on the matrix, the public `transform` of each.
    predict
        The public `predict` of the estimator.
    direct
        What gives the same from the values, without a matrix; None if there is no such thing.
    """

    parts: tuple[Part, ...]
    width: int
    is_sparse: bool
    tail: tuple[Step, ...]
    predict: Step
    direct: Answer | None = None

    def matrix(self, columns: Columns, rows: int) -> "np.ndarray[Any, Any]":
        """Return what the first step behind the frame takes, shape (rows, width).

        Raises
        ------
        Unplanned
            A value is not in its table.
        """
        import numpy as np

        matrix = np.empty((rows, self.width))
        for part in self.parts:
            part.fill(columns, matrix)
        return matrix

    def answer(self, columns: Columns, rows: int) -> Any:
        """Predict; as the pipeline does for a frame of the same rows.

        Raises
        ------
        Unplanned
            A value is not in its table.
        """
        if self.direct is not None:
            return self.direct(columns, rows)
        matrix: Any = self.matrix(columns, rows)
        if self.is_sparse:
            from scipy import sparse

            matrix = sparse.csr_matrix(matrix)
        for step in self.tail:
            matrix = step(matrix)
        return self.predict(matrix)
