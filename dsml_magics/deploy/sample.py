"""The rows a model is proved on, in the form the model takes."""

from typing import Any

from dsml_magics.errors import ColumnNotFound, ColumnUnusable, ModelUnusable, TableEmpty
from dsml_magics.frames.opening import open_table


def model_input(model: Any, data: Any) -> Any:
    """Return the rows of `data` as the model takes them: a pandas frame, or the array as it is.

    Columns the model was not fitted on, such as the target, are left out.

    Raises
    ------
    DataError
        There are no rows, or a column the model was fitted on is missing.
    """
    if type(data).__module__ == "numpy" and getattr(data, "dtype", None) is not None and not data.dtype.names:
        return _with_rows(data, "numpy array")
    if type(data).__name__ == "Series":
        raise ColumnUnusable(
            "Expected a table, got a single column: MLflow hands every model a table. Choose the column inside the "
            "pipeline, as in `make_column_transformer((TfidfVectorizer(), 'text'))`, and give `frame[['text']]`."
        )
    table = open_table(data)
    frame = data if type(data).__module__.startswith("pandas") else table.to_arrow().to_pandas()
    columns = fitted_columns(model)
    if columns is not None:
        if missing := [name for name in columns if name not in table.columns]:
            raise ColumnNotFound(
                f"Expected the columns the model was fitted on, got none named {', '.join(map(repr, missing[:5]))} "
                f"in {table.origin}. Give the features it was fitted on."
            )
        frame = frame[columns]
    return _with_rows(frame, table.origin)


def fitted_columns(model: Any) -> list[str] | None:
    """Return the names of the columns a scikit-learn model was fitted on, None if it keeps none."""
    names = getattr(model, "feature_names_in_", None)
    return None if names is None else [str(name) for name in names]


def predicted(predict: Any, rows: Any) -> Any:
    """Call `predict` on rows.

    Raises
    ------
    ModelUnusable
        It raised: not fitted, or fitted on other columns.
    """
    try:
        return predict(rows)
    except Exception as error:
        raise ModelUnusable(
            f"Expected a fitted model that predicts on these {len(rows):,} rows, but it raised "
            f"{type(error).__name__}: {' '.join(str(error).split())[:300]}"
        ) from error


def _with_rows(rows: Any, origin: str) -> Any:
    if not len(rows):
        raise TableEmpty(f"Expected rows to prove the model on, got none in {origin}.")
    return rows
