"""Tables scored in memory and from file to file."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pytest
from sklearn.base import clone

import dsml_magics as dsml
from dsml_magics.errors import ColumnNotFound, ContractBroken, FileNotWritten, ModelUnusable, UsageError
from tests.deploy.conftest import X, Y, model  # noqa: F401  a fixture

pytestmark = pytest.mark.slow

DSML = [sys.executable, "-m", "dsml_magics.command.cli"]


@pytest.fixture
def income(ledger_after, model):  # noqa: F811
    def deploy():
        dsml.deploy(model, name="income", data=X)

    ledger_after(deploy)
    return model


def many(rows):
    return X.sample(rows, replace=True, random_state=1).reset_index(drop=True)


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("ending", ["parquet", "csv"])
def test_files_of_several_parts_are_scored_in_order(income, ending, workers):
    rows = many(300_000)
    rows.to_parquet("x.parquet", row_group_size=70_000)
    scored = dsml.predict("income", "x.parquet", out=f"s.{ending}", workers=workers)
    frame = pd.read_parquet("s.parquet") if ending == "parquet" else pd.read_csv("s.csv")
    assert len(scored) == 300_000
    assert (frame["age"].to_numpy() == rows["age"].to_numpy()).all()
    assert (frame["prediction"].to_numpy() == income.predict(rows)).all()
    assert sorted(path.name for path in Path().iterdir() if path.name.startswith(".s")) == []


@pytest.mark.parametrize("workers", [1, 2])
def test_rows_that_break_the_contract_are_set_aside_with_reasons(income, workers):
    rows = many(200_000).astype({"age": object})
    rows.loc[150_000, "age"] = 10**6
    rows.loc[3, "job"] = "z"
    rows.loc[5, "age"] = None
    rows.to_csv("x.csv", index=False)
    scored = dsml.predict("income", "x.csv", out="s.csv", on_violation="quarantine", workers=workers)
    aside = pd.read_csv("s.violations.csv")
    assert aside["row"].tolist() == [3, 5, 150_000]
    assert aside["violation"].str.partition(":")[0].tolist() == ["job", "age", "age"]
    assert (len(scored), scored.quarantined, scored.quarantine) == (199_997, 3, "s.violations.csv")
    assert len(pd.read_csv("s.csv")) == 199_997
    rows.drop([3, 5, 150_000]).to_csv("x.csv", index=False)
    dsml.predict("income", "x.csv", out="s.csv", on_violation="quarantine", workers=workers)
    assert not Path("s.violations.csv").exists()


def test_a_column_of_texts_is_read_where_it_can_be(income):
    """One odd value makes all of a CSV column text."""
    rows = X.head(50).astype({"age": object})
    rows.loc[7, "age"] = "about forty"
    rows.to_csv("x.csv", index=False)
    scored = dsml.predict("income", "x.csv", out="s.parquet", on_violation="quarantine")
    (said,) = pd.read_parquet("s.violations.parquet")["violation"]
    assert said.startswith("age: expected integer from 0 to ")
    assert said.endswith("got string")
    assert (scored.to_numpy() == income.predict(X.head(50).drop(7))).all()


def test_the_contract_stops_a_job_before_anything_is_written(income):
    rows = X.copy()
    rows.loc[[3, 9], "job"] = "z"
    rows.to_csv("x.csv", index=False)
    before = sorted(Path().iterdir())
    with pytest.raises(
        ContractBroken, match="2 of 200 rows break the contract of models:/income/1, first row 3: job"
    ):
        dsml.predict("income", "x.csv", out="s.csv")
    with pytest.raises(ContractBroken, match="Mend the data, or give --on-violation"):
        dsml.predict("income", rows)
    assert sorted(Path().iterdir()) == before
    ignored = dsml.predict("income", rows, on_violation="ignore")
    assert (ignored.to_numpy() == income.predict(rows)).all()
    assert ignored.warned == (("job", 2),)


def test_quarantine_needs_a_file(income):
    with pytest.raises(UsageError, match="Expected a file to write to with --on-violation quarantine"):
        dsml.predict("income", X, on_violation="quarantine")


def test_a_policy_of_the_contract_warns_or_clips(workdir, model):  # noqa: F811
    package = dsml.deploy(model, name="income", data=X)
    contract = package.contract.changed("job", policy="warn").changed("age", policy="clip", min=18, max=79)
    Path("contract.json").write_text(contract.to_json())
    dsml.deploy(model, name="income", data=X, contract="contract.json")
    rows = X.copy()
    rows.loc[0, "job"], rows.loc[1, "age"] = "z", 500
    scored = dsml.predict("income@2", rows)
    assert scored.warned == (("age", 1), ("job", 1))
    clipped = rows.copy()
    clipped.loc[1, "age"] = 79
    assert (scored.to_numpy() == model.predict(clipped)).all()


def test_workers_are_counted(income):
    with pytest.raises(UsageError, match="one worker or more, got 0"):
        dsml.predict("income", X, workers=0)


def test_a_killed_job_goes_on_where_it_stopped(workdir):
    def slow(frame):
        time.sleep(0.4)
        return frame["age"].to_numpy() * 2

    slow.__globals__["time"] = time
    dsml.deploy(slow, name="slow", data=X)
    rows = many(1_000_000)
    rows.to_parquet("x.parquet")
    words = [*DSML, "predict", "slow", "x.parquet", "--out", "s.parquet"]
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL)
    done = Path(".s.parquet.progress")
    until = time.monotonic() + 60
    while time.monotonic() < until and len(list(done.glob("0*.npz"))) < 3:
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.wait()
    kept = len(list(done.glob("0*.npz")))
    assert 3 <= kept < 8
    assert not Path("s.parquet").exists()
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout
    assert "by an earlier run that was stopped" in said
    assert (pd.read_parquet("s.parquet")["prediction"].to_numpy() == rows["age"].to_numpy() * 2).all()
    assert not done.exists()


@pytest.mark.timeout(300)
def test_a_worker_that_ends_is_told_and_ends_the_others(workdir):
    def mortal(frame):
        # In this folder alone, which no proof works in.
        if os.access("the-end", os.F_OK):
            os._exit(3)
        return frame["age"].to_numpy()

    mortal.__globals__["os"] = os
    dsml.deploy(mortal, name="mortal", data=X)
    many(300_000).to_parquet("x.parquet", row_group_size=70_000)
    Path("the-end").touch()
    with pytest.raises(ModelUnusable, match="A worker ended without a message"):
        dsml.predict("mortal", "x.parquet", out="s.parquet", workers=2)
    assert not Path("s.parquet").exists()


def test_a_job_of_other_files_begins_anew(workdir):
    dsml.deploy(lambda frame: frame["age"].to_numpy(), name="age", data=X)
    X.to_parquet("x.parquet")
    folder = Path(".s.parquet.progress")
    folder.mkdir()
    (folder / "job.json").write_text(json.dumps({"package": "another"}))
    np.savez(folder / "000000.npz", values=np.zeros(200), said=np.array('{"reasons": {}, "warned": {}}'))
    scored = dsml.predict("age", "x.parquet", out="s.parquet")
    assert scored.resumed == 0
    assert (scored.to_numpy() == X["age"].to_numpy()).all()


def test_two_jobs_do_not_write_one_file(workdir):
    from filelock import FileLock

    dsml.deploy(lambda frame: frame["age"].to_numpy(), name="age", data=X)
    X.to_parquet("x.parquet")
    Path(".s.parquet.progress").mkdir()
    with FileLock(".s.parquet.progress/.lock"), pytest.raises(FileNotWritten, match="another process writes"):
        dsml.predict("age", "x.parquet", out="s.parquet")


def test_a_frame_keeps_its_own_types(workdir, model):  # noqa: F811
    rows = X.assign(job=pd.Categorical(X["job"]))
    fitted = clone(model).fit(rows, Y)
    dsml.deploy(fitted, name="income", data=rows)
    shuffled = rows.sample(frac=1, random_state=0)
    assert (dsml.predict("income", shuffled).to_numpy() == fitted.predict(shuffled)).all()
    other = pl.from_pandas(rows.astype({"job": str}))
    assert (dsml.predict("income", other).to_numpy() == fitted.predict(rows)).all()


def test_a_missing_column_is_told_for_files_too(income):
    X[["age"]].to_csv("x.csv", index=False)
    with pytest.raises(ColumnNotFound, match="Expected the column 'job'"):
        dsml.predict("income", "x.csv", out="s.csv")
    assert sorted(path.name for path in Path().iterdir() if "s.csv" in path.name) == []


def test_a_table_larger_than_the_memory_allowed_is_scored(workdir, model):  # noqa: F811
    """The limit is what the process has before it reads, and a tenth of the table."""
    dsml.deploy(model, name="income", data=X)
    rows = 250_000
    wide = many(rows).assign(**{f"x{at}": np.random.default_rng(at).random(rows) for at in range(45)})
    parts = Path("x")
    parts.mkdir()
    wide.to_parquet(parts / "00.parquet")
    for at in range(1, 24):
        (parts / f"{at:02}.parquet").hardlink_to(parts / "00.parquet")
    table_mb = 24 * int(wide.memory_usage(deep=True).sum()) / 1e6
    code = (
        "import resource, sys, psutil, dsml_magics as dsml\n"
        "dsml.predict('income', sys.argv[1] + '/00.parquet', out='warm.parquet')\n"
        "own = next(int(l.split()[1]) for l in open('/proc/self/status') if l.startswith('VmData')) * 1024\n"
        f"resource.setrlimit(resource.RLIMIT_DATA, (own + {int(table_mb * 1e5)},) * 2)\n"
        "print(dsml.predict('income', sys.argv[1], out='s.parquet').rows)\n"
    )
    env = {
        **os.environ,
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "POLARS_MAX_THREADS": "2",
        "OMP_NUM_THREADS": "1",
    }
    done = subprocess.run([sys.executable, "-c", code, "x"], env=env, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-2000:]
    assert done.stdout.split()[-1] == "6000000"
