"""The fresh process of a proof, run here: what it answers of a package, and how it ends."""

import io
import json
import os
import pickle
import platform
import shutil
import sys
import threading
from types import SimpleNamespace

import cloudpickle
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.linear_model import LinearRegression
from threadpoolctl import threadpool_info, threadpool_limits

from dsml_magics.deploy import prover
from dsml_magics.deploy.prover import answer
from dsml_magics.errors import PackageAltered
from dsml_magics.package.case import write_case
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.manifest import seal

pytestmark = pytest.mark.slow


class Half(RegressorMixin, BaseEstimator):
    """A model that halves; it notes how many threads it may use for a single row."""

    threads: tuple[int, ...] = ()

    def predict(self, rows):
        assert isinstance(rows, pd.DataFrame | np.ndarray)
        os.write(1, b"a model may print\n")
        values = np.asarray(rows, float)
        if len(values) == 1:
            Half.threads = tuple(each["num_threads"] for each in threadpool_info())
        return values.reshape(len(values), -1).sum(axis=1) / 2

    def predict_log(self, rows):
        return np.log1p(np.asarray(rows, float))[:, 0]


class Shy(Half):
    """A model that does not answer single rows."""

    def predict(self, rows):
        if len(rows) == 1:
            raise ValueError("more, please")
        return super().predict(rows)


CONTRACT = Contract(
    (Rule("x", "number", nullable=False, min=0, max=100),), answer={"dtype": "float64", "shape": []}
)
CASE = pa.table({"x": [float(at) for at in range(40)]})
HALVES = np.arange(40) / 2


@pytest.fixture(scope="module")
def _saved(tmp_path_factory):
    import mlflow.sklearn

    folder = tmp_path_factory.mktemp("saved") / "package"
    mlflow.sklearn.save_model(Half(), folder, serialization_format="cloudpickle", pip_requirements=[])
    return folder


@pytest.fixture
def make_package(_saved, tmp_path):
    """A function that makes a package: a model, its contract, and made-up rows with their answers."""

    def make(model=None, contract=CONTRACT, rows=CASE, **answers):
        folder = shutil.copytree(_saved, tmp_path / "package")
        (folder / "model.pkl").write_bytes(cloudpickle.dumps(model or Half()))
        (folder / "dsml").mkdir()
        (folder / "dsml/contract.json").write_text(contract.to_json())
        if rows is not None:
            write_case(folder, rows, answers or {"predict": HALVES})
        seal(folder)
        return folder

    return make


def ask(folder, data=None, calls=20):
    return answer({"folder": str(folder), "data": data, "calls": calls})


def test_a_package_that_answers_as_expected_shows_no_difference(make_package):
    found = ask(make_package(predict=HALVES, predict_log=np.log1p(np.arange(40.0))), calls=7)
    assert (found["differences"], found["made_up"]) == ([], 40)
    assert (found["python"], found["platform"]) == (platform.python_version(), platform.platform())
    assert 0 < found["load_seconds"] < 60
    assert isinstance(found["load_seconds"], float)
    assert found["load_seconds"] == round(found["load_seconds"], 6)
    assert [edge["said"] for edge in found["edges"]] == [""] * len(found["edges"])
    assert found["edges"][0] == {"name": "one row", "promise": "answers", "said": ""}
    assert found["latency"]["calls"] == 7
    assert found["path"] == "plain"
    assert "Half" in found["path_reason"]


def test_made_up_rows_that_are_answered_otherwise_are_told(make_package):
    found = ask(make_package(predict=HALVES + (np.arange(40) == 9)))
    assert [said.partition(",")[0] for said in found["differences"]] == [
        "predict of made-up rows differs in 1 of 40 values"
    ]


def test_rows_of_the_data_are_asked_for_past_and_through_mlflow(make_package, tmp_path):
    frame = pd.DataFrame({"x": [1.0, 2.0, 200.0]})
    expected = {"predict": np.array([0.5, 1.0, 7.0]), "predict_log": np.log1p(frame["x"].to_numpy())}
    data = tmp_path / "data.pkl"
    data.write_bytes(pickle.dumps((frame, pa.Table.from_pandas(frame.head(2)), expected)))
    found = ask(make_package(predict=HALVES + 1), data=str(data))
    assert [said.partition(",")[0] for said in found["differences"]] == [
        "predict differs in 1 of 3 values",
        "predict through MLflow differs in 1 of 3 values",
        "predict of made-up rows differs in 40 of 40 values",
    ]
    # The rows of the data are those that edges are made of.
    assert found["made_up"] == 40
    assert found["edges"][0]["name"] == "one row"


def test_a_package_without_made_up_rows_and_data_is_only_loaded(make_package):
    found = ask(make_package(rows=None))
    assert (found["differences"], found["made_up"], found["edges"]) == ([], 0, [])
    assert found["latency"] is None
    assert (found["path"], found["path_reason"]) == ("plain", "there were no rows to prove a plan with")


def test_arrays_of_more_dimensions_have_no_edges(make_package):
    contract = Contract(form="array", dtype="float64", shape=(2, 2))
    rows = np.arange(20.0).reshape(5, 2, 2)
    found = ask(make_package(contract=contract, rows=rows, predict=rows.sum(axis=(1, 2)) / 2))
    assert (found["differences"], found["made_up"], found["edges"], found["latency"]) == ([], 5, [], None)


def test_a_model_that_answers_no_single_rows_has_no_latency(make_package):
    found = ask(make_package(Shy()))
    assert found["latency"] is None
    assert next(edge["name"] for edge in found["edges"] if edge["said"]) == "one row"


def test_single_rows_are_timed_by_the_plan_of_the_pipeline(make_package, monkeypatch):
    """As a server answers them: the model itself is asked for as many as the proof of the plan takes."""
    asked = []
    predict = LinearRegression.predict

    def noted(model, rows):
        if isinstance(rows, pd.DataFrame):
            asked.append(len(rows))
        return predict(model, rows)

    monkeypatch.setattr(LinearRegression, "predict", noted)
    model = LinearRegression().fit(pd.DataFrame({"x": [0.0, 1.0]}), [0.0, 0.5])
    answers = predict(model, CASE.to_pandas())
    found = ask(make_package(model, predict=answers), calls=201)
    assert (found["path"], found["differences"], found["latency"]["calls"]) == ("compiled", [], 201)
    assert asked.count(1) < 100


def test_single_rows_are_timed_in_one_thread(make_package):
    with threadpool_limits(2):
        ask(make_package())
    assert set(Half.threads) <= {1}


def test_an_altered_package_is_not_loaded(make_package):
    folder = make_package()
    (folder / "model.pkl").write_bytes(b"other")
    with pytest.raises(PackageAltered, match="'model.pkl' was changed"):
        ask(folder)


@pytest.fixture
def run(monkeypatch, capfd):
    """A function that runs the process of a proof here, on lines of its standard input; returns what it wrote."""

    def run(*lines):
        kept = os.dup(1)
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{json.dumps(line)}\n" for line in lines)))
        try:
            prover.main()
        finally:
            os.dup2(kept, 1)
            os.close(kept)
        return capfd.readouterr()

    return run


def test_a_line_is_answered_with_a_line_whatever_the_model_prints(make_package, run):
    asked = {"folder": str(make_package()), "data": None, "calls": 20}
    written = run(asked, {"warm": []}, asked)
    assert [json.loads(line)["made_up"] for line in written.out.splitlines()] == [40, 40]
    assert "a model may print" in written.err


def test_what_a_model_will_need_is_loaded_before(run, monkeypatch):
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    assert run({"warm": ["no_such_module_here", "colorsys"]}).out == ""
    assert "colorsys" in sys.modules


def test_a_process_that_is_kept_for_nothing_ends(monkeypatch):
    read, write = os.pipe()
    codes = []

    def end(code):
        codes.append(code)
        os.write(write, b"woken\n")

    monkeypatch.setattr(prover, "_IDLE_S", 0.01)
    monkeypatch.setattr(os, "_exit", end)
    with os.fdopen(read) as stdin, monkeypatch.context() as patch:
        patch.setattr(sys, "stdin", stdin)
        assert prover._next_line() == "woken\n"
    os.close(write)
    assert codes == [0]


def test_a_process_that_is_asked_does_not_end(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: "asked\n"))
    before = set(threading.enumerate())
    assert prover._next_line() == "asked\n"
    for thread in set(threading.enumerate()) - before:
        thread.join(60)
        assert not thread.is_alive()
