"""The model and the rows it is proved on, in the form it takes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from dsml_magics.deploy.framework.base import Framework, Method, framework_for
from dsml_magics.deploy.requirement import modules_named, pickled
from dsml_magics.errors import ColumnNotFound, ColumnUnusable, ModelUnusable, TableEmpty
from dsml_magics.frames.opening import open_table
from dsml_magics.frames.table import Table
from dsml_magics.package.scorer import without_name_warnings
from dsml_magics.profile.notice import print_notes

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Subject:
    """A model, the rows it is proved on, and what it answers here.

    Attributes
    ----------
    rows
        As the model takes them: a pandas frame, or a numpy array.
    table
        The same rows as columns; None for arrays of other than two dimensions.
    target
        What the rows should be answered with, where that was given.
    answers
        What the live model answers, by method.
    """

    framework: Framework
    rows: Any
    table: "pa.Table | None"
    target: Any
    answers: Mapping[str, Any]

    @property
    def predictions(self) -> Any:
        return self.answers["predict"]

    @cached_property
    def modules(self) -> frozenset[str]:
        """The modules that loading the model's pickle imports.

        Raises
        ------
        ModelUnusable
            It cannot be pickled.
        """
        return frozenset(modules_named(pickled(self.framework.model)))

    @property
    def kind(self) -> str:
        """The class of the model, in full."""
        kind = type(self.framework.model)
        return f"{kind.__module__}.{kind.__qualname__}"


def subject_of(model: Any, data: Any, *, target: Any = None) -> Subject:
    """Ask a model for all rows of `data`.

    Columns the model was not fitted on, and the target, are left out.

    Parameters
    ----------
    target
        The name of a column, the path of a table with one column, or the values.

    Raises
    ------
    DataError
        There are no rows, or a column is missing.
    ModelUnusable
        It is no model, or it raised.
    """
    framework = framework_for(model)
    rows, values = _rows(framework, framework.taken(data), target)
    answers = {name: asked(method, rows, name) for name, method in framework.methods.items()}
    found = {name: answer for name, answer in answers.items() if answer is not None}
    return Subject(framework, rows, _table(rows), values, found)


def asked(method: Method, rows: Any, name: str = "predict") -> Any:
    """Ask a model; None if it has the method only to refuse it.

    Raises
    ------
    ModelUnusable
        It raised: not fitted, or fitted on other columns.
    """
    try:
        with without_name_warnings():
            answer = method(rows)
    except Exception as error:
        if name != "predict" and isinstance(error, AttributeError | NotImplementedError):
            return None
        raise ModelUnusable(
            f"Expected a fitted model that predicts on these {len(rows):,} rows, but {name} raised "
            f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        ) from error
    if not hasattr(answer, "__len__") or len(answer) != len(rows):
        got = f"{len(answer):,}" if hasattr(answer, "__len__") else type(answer).__name__
        raise ModelUnusable(f"Expected one answer of {name} for each of {len(rows):,} rows, got {got}.")
    return answer


def categories_of(rows: Any) -> dict[str, list[Any]]:
    """List the categories of the columns that are pandas' categoricals."""
    return {
        str(name): dtype.categories.tolist()
        for name, dtype in (rows.dtypes.items() if hasattr(rows, "dtypes") else ())
        if hasattr(dtype, "categories") and dtype.categories.dtype.kind != "M"
    }


def _rows(framework: Framework, data: Any, target: Any) -> tuple[Any, Any]:
    if type(data).__module__ == "numpy" and getattr(data, "dtype", None) is not None and not data.dtype.names:
        if isinstance(target, str):
            raise ColumnNotFound(
                f"Expected the values of the target, as an array has no columns, got {target!r}."
            )
        return _with_rows(data, "numpy array"), _without_gaps(_values(target, len(data)))
    if type(data).__name__ == "Series":
        raise ColumnUnusable(
            "Expected a table, got a single column: MLflow hands every model a table. Choose the column inside the "
            "pipeline, as in `make_column_transformer((TfidfVectorizer(), 'text'))`, and give `frame[['text']]`."
        )
    table = open_table(data)
    print_notes(table)
    frame = _frame(data, table)
    target = _column_of(frame, target)
    columns = framework.columns
    if columns is None:
        columns = [name for name in table.columns if not isinstance(target, str) or name != target]
    elif repeated := [name for name, count in Counter(columns).items() if count > 1]:
        raise ColumnUnusable(
            f"Expected a model fitted on distinct column names, got one fitted on {repeated[0]!r} more than once. "
            "Rename the columns and fit it again."
        )
    elif missing := [name for name in columns if name not in table.columns]:
        raise ColumnNotFound(
            f"Expected the columns the model was fitted on, got none named {', '.join(map(repr, missing[:5]))} "
            f"in {table.origin}. Give the features it was fitted on."
        )
    if isinstance(target, str) and target in table.columns:
        values = frame[target]
    else:
        values = target if not isinstance(target, str) else _read(target, table.columns)
    column = target if isinstance(target, str) and target in table.columns else None
    return _with_rows(frame[columns], table.origin), _without_gaps(_values(values, len(frame)), column)


def _column_of(frame: Any, target: Any) -> Any:
    """Return the name of a column that was given itself, such as ``train.income``; other targets as they are."""
    if type(target).__name__ != "Series" or not isinstance(target.name, str):
        return target
    is_there = target.name in frame.columns and len(target) == len(frame)
    return (
        target.name
        if is_there and _values(target, len(frame)).tolist() == frame[target.name].tolist()
        else target
    )


def _frame(data: Any, table: Table) -> Any:
    """Take the rows as a pandas frame whose names are text: a package is asked by JSON, which has no other."""
    if not type(data).__module__.startswith("pandas"):
        return table.to_arrow().to_pandas()
    from dsml_magics.frames.pandas import with_text_names

    return with_text_names(data)


def _read(target: str, columns: list[str]) -> Any:
    from dsml_magics.command.arguments import is_path
    from dsml_magics.errors import hint

    if not is_path(target):
        raise ColumnNotFound(
            f"No column {target!r} in the data. {hint(target, columns)} Values of the notebook are given as "
            f"{{{target}}}, those of a file by its path."
        )
    table = open_table(target).to_arrow()
    if table.num_columns != 1:
        raise ColumnUnusable(f"Expected one column in {target!r}, got {table.num_columns}.")
    return table.column(0).to_pandas()


def _values(target: Any, rows: int) -> Any:
    import numpy as np

    if target is None:
        return None
    values = np.asarray(target)
    if values.ndim == 2 and values.shape[1] == 1:
        values = values[:, 0]
    if len(values) != rows:
        raise ColumnUnusable(
            f"Expected a value of the target for each of {rows:,} rows, got {len(values):,}."
        )
    return values


def _without_gaps(values: Any, column: str | None = None) -> Any:
    """Refuse a target of which values are missing: no metric compares them with a prediction."""
    if values is None:
        return None
    import pandas as pd

    gone = pd.isna(values)
    if missing := int(gone.reshape(len(gone), -1).any(axis=1).sum()):
        name, example = (
            (f" {column!r}", f", as by `data.dropna(subset=[{column!r}])`") if column else ("", "")
        )
        raise ColumnUnusable(
            f"Expected a value of the target{name} for each of {len(values):,} rows, got {missing:,} missing. "
            f"Drop these rows from the data{example}, or fill in the target first."
        )
    return values


def _table(rows: Any) -> "pa.Table | None":
    import pyarrow as pa

    if not hasattr(rows, "columns"):
        if rows.ndim != 2:
            return None
        return pa.table({str(at): rows[:, at] for at in range(rows.shape[1])})
    return open_table(rows).to_arrow()


def _with_rows(rows: Any, origin: str) -> Any:
    if not len(rows):
        raise TableEmpty(f"Expected rows to prove the model on, got none in {origin}.")
    return rows
