"""Rows in the form a model takes: the columns it knows, in its order, with the categories it knows."""

from typing import TYPE_CHECKING, Any

from dsml_magics.package.contract import Contract

if TYPE_CHECKING:
    import pandas as pd
    import pyarrow as pa


def inputs_of(rows: "pa.Table", contract: Contract) -> Any:
    """Return checked rows as the pandas frame or the numpy array that the model takes."""
    if contract.form == "array":
        return _array(rows, contract)
    return fitted(rows.to_pandas(), contract)


def fitted(frame: "pd.DataFrame", contract: Contract) -> "pd.DataFrame":
    """Return the columns of a frame in the order of a contract, with its categories."""
    if list(frame.columns) != contract.names:
        frame = frame[contract.names]
    unlike = [
        rule for rule in contract.columns if rule.categorical and not _has(frame[rule.name], rule.categories)
    ]
    if not unlike:
        return frame
    return frame.assign(**{rule.name: _categorical(frame[rule.name], rule.categories) for rule in unlike})


def _array(rows: "pa.Table", contract: Contract) -> Any:
    import numpy as np

    columns = [column.to_numpy() for column in rows.columns]
    return np.stack(columns, axis=1).astype(contract.dtype or "float64", copy=False)


def _has(column: Any, categories: Any) -> bool:
    return hasattr(column.dtype, "categories") and tuple(column.dtype.categories) == tuple(categories or ())


def _categorical(column: Any, categories: Any) -> Any:
    import pandas as pd

    return pd.Series(pd.Categorical(column, categories=list(categories)), index=column.index)
