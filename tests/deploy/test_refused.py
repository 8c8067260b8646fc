"""What cannot be deployed: one clear error, nothing registered, nothing half-written."""

import threading
from pathlib import Path

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import FunctionTransformer, StandardScaler

import dsml_magics as dsml
from dsml_magics.errors import (
    ColumnNotFound,
    ColumnUnusable,
    ContractBroken,
    ContractUnusable,
    LedgerError,
    ModelNotFound,
    ModelUnusable,
    ProofFailed,
    TableEmpty,
    UsageError,
)
from dsml_magics.ledger.store import open_ledger
from tests.deploy.conftest import Dice, X, Y, refused

pytestmark = pytest.mark.slow


def test_a_model_that_cannot_be_pickled_is_refused(workdir, model):
    model.lock = threading.Lock()
    refused(ModelUnusable, r"but model\.lock cannot: cannot pickle '_thread.lock'", model)


def test_an_unfitted_model_is_refused(workdir):
    refused(ModelUnusable, "Expected a fitted model.*NotFittedError", LogisticRegression())


def test_something_that_cannot_predict_is_refused(workdir):
    refused(ModelUnusable, "`predict` method, or a function, got int", 3)


def test_a_class_instead_of_a_model_is_refused(workdir):
    refused(ModelUnusable, "`predict` method, or a function, got type LogisticRegression", LogisticRegression)


def test_other_columns_than_the_model_was_fitted_on_are_refused(workdir, model):
    refused(ColumnNotFound, "none named 'job'", model, data=X[["age"]])


def test_a_single_column_is_refused_with_what_to_do(workdir, model):
    refused(ColumnUnusable, "Choose the column inside the pipeline", model, data=X["job"])


def test_no_rows_are_refused(workdir, model):
    refused(TableEmpty, "Expected rows", model, data=X.head(0))


def test_a_name_with_a_slash_is_refused(workdir, model):
    refused(ModelUnusable, "Expected a name of letters", model, name="a/b")


def test_a_model_that_is_random_is_refused_with_the_first_difference(workdir):
    refused(ProofFailed, "predict differs in 200 of 200 values, first .* Is the model random", Dice())


def test_a_missing_model_file_is_told(workdir):
    with pytest.raises(ModelNotFound, match="No model file 'gone.pkl'"):
        dsml.deploy("gone.pkl", name="x", data=X)


def test_a_damaged_model_file_is_told(workdir):
    Path("bad.pkl").write_bytes(b"\x80\x04not a pickle")
    with pytest.raises(ModelUnusable, match="Expected a pickled model"):
        dsml.deploy("bad.pkl", name="x", data=X)


def test_the_way_to_the_member_that_cannot_be_pickled_is_named(workdir):
    lock = threading.Lock()

    def locked(frame):
        with lock:
            return frame

    fitted = make_pipeline(FunctionTransformer(locked), LogisticRegression()).fit(X[["age"]], Y)
    refused(ModelUnusable, r"model\.steps\[0\]\[1\]\.func\.lock cannot", fitted, data=X[["age"]])


def test_a_transformer_is_no_model(workdir):
    refused(ModelUnusable, "got StandardScaler, which has no `predict`", StandardScaler().fit(X[["age"]]))


def test_another_number_of_answers_than_rows_is_refused(workdir):
    refused(
        ModelUnusable, "one answer of predict for each of 200 rows, got 1", lambda frame: [frame["age"].sum()]
    )


@pytest.mark.parametrize(
    ("target", "error", "match"),
    [
        ("incme", ColumnNotFound, "No column 'incme' in the data.*{incme}"),
        (Y[:50], ColumnUnusable, "a value of the target for each of 200 rows, got 50"),
        ("gone.csv", Exception, "No file 'gone.csv'"),
    ],
)
def test_a_target_that_does_not_fit_is_told(workdir, model, target, error, match):
    refused(error, match, model, target=target)


@pytest.mark.parametrize("kind", [float, object])
def test_missing_values_of_the_target_are_counted(workdir, model, kind):
    target = Y.astype(kind)
    target.iloc[[3, 5]] = None
    refused(
        ColumnUnusable,
        r"target 'bought' for each of 200 rows, got 2 missing\. Drop these rows .* `data.dropna\(subset=\['bought'\]\)`",
        model,
        data=X.assign(bought=target),
        target="bought",
    )
    refused(ColumnUnusable, r"target for each of 200 rows, got 2 missing", model, target=target)


def test_a_contract_that_refuses_the_data_is_told(workdir, model):
    package = dsml.deploy(model, name="other", data=X)
    Path("contract.json").write_text(package.contract.changed("age", max=20).to_json())
    with pytest.raises(
        ContractBroken, match=r"it refuses \d+ of 200 rows; row 0: age: expected integer from 0 to 20"
    ):
        dsml.deploy(model, name="income", data=X, contract="contract.json")


def test_a_damaged_contract_is_told(workdir, model):
    Path("contract.json").write_text("{}")
    refused(ContractUnusable, "schema 'dsml.contract/1'", model, contract="contract.json")


def test_notes_without_a_heading_are_told(workdir, model):
    Path("notes.md").write_text("nothing\n")
    refused(UsageError, "one of the headings Purpose, Users, Limits or Fairness", model, notes="notes.md")


def test_a_promise_that_the_model_breaks_is_told(workdir):
    """The data hold one gap, so the contract allows gaps; alone in its batch it is more than the model can take."""

    def picky(frame):
        if frame["age"].isna().mean() > 0.02:
            raise ValueError("too many gaps")
        return frame["age"].fillna(0).to_numpy()

    rows = X.astype({"age": float})
    rows.loc[170, "age"] = np.nan
    refused(ProofFailed, "age: missing, which it answers: .*too many gaps.*--contract", picky, data=rows)


def test_a_ledger_that_is_away_is_told(workdir, model, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(LedgerError, match=r"127\.0\.0\.1:9"):
        dsml.deploy(model, name="income", data=X)


def test_a_full_disk_leaves_nothing(workdir, model, monkeypatch):
    """Files of more than some kilobytes cannot be written, as by `ulimit -f`."""
    import resource
    import signal

    big = make_pipeline(FunctionTransformer(), LogisticRegression()).fit(X[["age"]], Y)
    big.ballast = np.random.default_rng(0).normal(size=400_000)
    client = open_ledger().client
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(Exception, match="File too large|Nothing was registered"):
            dsml.deploy(big, name="income", data=X[["age"]])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert client.search_registered_models() == []
    assert client.search_logged_models(["0"]) == []


def test_a_gate_that_needs_a_target_is_told_before_anything_is_done(workdir, model):
    refused(UsageError, "Expected a target for the gate roc_auc>=0.9", model, gate=["roc_auc>=0.9"])


def test_a_gate_for_another_kind_of_target_is_told(workdir, model):
    refused(UsageError, "The gate rmse<=1 does not fit", model, gate=["rmse<=1"], target=Y)


def test_a_failed_gate_says_all_numbers(workdir, model):
    gates = ["accuracy>=1.1", "size_mb<=50"]
    refused(
        ProofFailed,
        r"1 of 2 gates failed: accuracy>=1.1: .*, failed; size_mb<=50: .*, passed",
        model,
        gate=gates,
        target=Y,
    )
