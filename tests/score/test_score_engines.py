"""Spark, Dask and Ray score where the rows lie, with equal results."""

import pandas as pd
import pytest

import dsml_magics as dsml
from dsml_magics.errors import ColumnNotFound, FileNotWritten
from tests.deploy.conftest import X, model  # noqa: F401  a fixture

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)

ROWS = X.assign(row=range(len(X)))


def pandas_of(frame):
    for name in ("toPandas", "compute", "to_pandas"):
        if hasattr(frame, name):
            return getattr(frame, name)().sort_values("row").reset_index(drop=True)
    raise TypeError(type(frame))


def test_an_engine_gives_the_same_predictions(workdir, model, spread):  # noqa: F811
    package = dsml.deploy(model, name="income", data=X)
    scored = dsml.predict("income", spread(ROWS, 3))
    found = pandas_of(scored.frame)
    assert (found["prediction"].astype(bool) == package.load().predict(X)).all()
    assert found[["age", "job"]].to_dict("list") == X.to_dict("list")
    dsml.predict("income", spread(ROWS, 3), out="scored")
    written = pd.read_parquet("scored").sort_values("row").reset_index(drop=True)
    assert (written["prediction"].astype(bool) == model.predict(X)).all()
    with pytest.raises(FileNotWritten, match="does not exist yet"):
        dsml.predict("income", spread(ROWS, 3), out="scored")


def test_an_engine_says_why_a_row_has_no_prediction(workdir, model, spread):  # noqa: F811
    dsml.deploy(model, name="income", data=X)
    odd = ROWS.copy()
    odd.loc[[4, 120], "job"] = "z"
    found = pandas_of(dsml.predict("income", spread(odd, 3), on_violation="quarantine").frame)
    assert found.index[found["violation"].notna()].tolist() == [4, 120]
    assert found.index[found["prediction"].isna()].tolist() == [4, 120]
    with pytest.raises(Exception, match="rows break the contract"):
        pandas_of(dsml.predict("income", spread(odd, 3)).frame)


def test_a_column_that_is_not_there_is_told_before_the_engine_works(workdir, model, spread):  # noqa: F811
    dsml.deploy(model, name="income", data=X)
    with pytest.raises(ColumnNotFound, match="Expected the column 'job', got none"):
        dsml.predict("income", spread(ROWS[["age", "row"]], 3))
