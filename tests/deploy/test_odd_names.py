"""Models fitted on frames whose names are no text: packaged, asked and scored as in the notebook."""

import warnings

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import make_column_transformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dsml_magics as dsml
from dsml_magics.errors import ColumnUnusable, ModelUnusable

pytestmark = pytest.mark.slow

X = np.random.default_rng(0).normal(size=(80, 3))
Y = (X[:, 0] + X[:, 2] > 0).astype(int)
LEVELS = pd.MultiIndex.from_tuples([("a", "x"), ("a", "y"), ("b", "")])


@pytest.mark.parametrize(
    ("frame", "names"),
    [(pd.DataFrame(X), ["0", "1", "2"]), (pd.DataFrame(X, columns=LEVELS), ["a_x", "a_y", "b"])],
    ids=["numbers", "levels"],
)
def test_a_model_fitted_on_other_names_is_scored_by_text_and_by_its_own(workdir, frame, names):
    by_place = make_column_transformer((StandardScaler(), [0, 2]))
    model = make_pipeline(by_place, LogisticRegression()).fit(frame, Y)
    with warnings.catch_warnings():
        warnings.filterwarnings("error", "X has feature names")
        package = dsml.deploy(model, name="m", data=frame, target=Y)
        assert package.contract.names == names
        expected = model.predict(frame)
        assert (dsml.predict("m", frame).to_numpy() == expected).all()
        assert (dsml.predict("m", frame.set_axis(names, axis=1)).to_numpy() == expected).all()


def test_a_csv_in_another_encoding_is_deployed_and_scored_and_it_is_said(workdir, capfd):
    (workdir / "train.csv").write_bytes("나이,소득\n31,1\n45,2\n22,0\n60,3\n".encode("cp949"))
    model = LogisticRegression().fit(pd.DataFrame({"나이": [31, 45, 22, 60]}), [0, 1, 0, 1])
    package = dsml.deploy(model, name="m", data="train.csv")
    assert package.contract.names == ["나이"]
    assert "dsml: The file was read as cp949, as it is not UTF-8." in capfd.readouterr().err
    assert dsml.predict("m", "train.csv").to_numpy().tolist() == [0, 1, 0, 1]
    assert "read as cp949" in capfd.readouterr().err
    assert dsml.predict("m", "train.csv", encoding="euc-kr").to_numpy().tolist() == [0, 1, 0, 1]
    assert "read as euc-kr, as was asked for" in capfd.readouterr().err
    dsml.predict("m", "train.csv", encoding="cp949", out="scored.csv")
    assert "read as cp949, as was asked for" in capfd.readouterr().err


def test_a_function_that_asks_for_a_number_is_told_in_one_error(workdir):
    with pytest.raises(ModelUnusable, match="predict raised KeyError: 0"):
        dsml.deploy(lambda frame: frame[0] > 0, name="m", data=pd.DataFrame(X))


def test_a_model_fitted_on_a_name_twice_is_refused(workdir):
    model = LogisticRegression().fit(X, Y)
    model.feature_names_in_ = np.array(["a", "a", "b"], dtype=object)
    with pytest.raises(ColumnUnusable, match="fitted on 'a' more than once"):
        dsml.deploy(model, name="m", data=pd.DataFrame(X, columns=list("aab")))
