"""The whole way, as a user goes it: a real kernel, a real MLflow, the real command line."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import mlflow
import nbformat
import pandas as pd
import pytest

from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import open_table

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
TOUR = ROOT / "notebooks" / "tour.ipynb"


def shell(*words, **options):
    return subprocess.run(
        [sys.executable, "-m", *words], capture_output=True, text=True, env=_environment(), **options
    )


def _environment():
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    # Another test of this process may have used a ledger of its own.
    inherited = {name: value for name, value in os.environ.items() if name != "MLFLOW_TRACKING_URI"}
    return {**inherited, "PYTHONPATH": path, "MPLBACKEND": "Agg"}


def runs_in(folder, experiment):
    """List the runs of an experiment in the ledger of a folder, by name."""
    client = mlflow.MlflowClient(f"sqlite:///{folder}/mlflow.db")
    found = client.search_runs([client.get_experiment_by_name(experiment).experiment_id])
    return {run.info.run_name: run for run in found}


def results(run):
    """List the metrics of a run that its code made, not the machine."""
    return {name: value for name, value in run.data.metrics.items() if not name.startswith("dsml.")}


def test_the_shell_profiles_a_real_table_as_pandas_does(workdir, shared_data):
    table = shared_data / "adult.csv"
    done = shell(
        "dsml_magics.command.cli",
        "profile",
        str(table),
        "--target",
        "income",
        "--html",
        "p.html",
        "--json",
        "p.json",
    )
    assert done.returncode == 0, done.stderr
    content = json.loads(Path("p.json").read_text())
    frame = pd.read_csv(table)
    assert content["rows"] == len(frame)
    for column in content["columns"]:
        expected = frame[column["name"]]
        assert (column["missing"], column["distinct"]) == (expected.isna().sum(), expected.nunique())
        if expected.dtype.kind in "if":
            for figure in ("min", "max", "mean", "std"):
                assert column[figure] == pytest.approx(getattr(expected, figure)(), rel=1e-9)
            for percent, value in enumerate(column["percentiles"]):
                assert value == pytest.approx(expected.quantile(percent / 100), rel=1e-9)
        else:
            counts = expected.value_counts()
            assert {top["value"]: top["count"] for top in column["top"]} == counts.head(10).to_dict()
    page = Path("p.html").read_text()
    assert "<script" not in page
    assert "http" not in page


CELLS = [
    "%load_ext dsml_magics",
    "import pandas as pd\nfrom sklearn.model_selection import train_test_split\n"
    "adult = pd.read_csv({path!r})\nfeatures = [c for c in adult if c != 'income']\n"
    "train, test = train_test_split(adult, random_state=0)",
    "p = %dsml_profile train --target income --compare test\np.rows",
    "%%dsml_track baseline --experiment income\n"
    "from sklearn.compose import make_column_selector, make_column_transformer\n"
    "from sklearn.ensemble import HistGradientBoostingClassifier\nfrom sklearn.metrics import roc_auc_score\n"
    "from sklearn.pipeline import make_pipeline\nfrom sklearn.preprocessing import OneHotEncoder\n"
    "max_iter = 20\n"
    "encode = OneHotEncoder(handle_unknown='ignore', sparse_output=False)\n"
    "model = make_pipeline(\n    make_column_transformer((encode, make_column_selector(dtype_exclude='number')), remainder='passthrough'),\n"
    "    HistGradientBoostingClassifier(max_iter=max_iter),\n)\n"
    "model.fit(train[features], train['income'])\n"
    "roc_auc = roc_auc_score(test['income'], model.predict_proba(test[features])[:, 1])",
    "package = %dsml_deploy model --name income --data test[features]\npackage",
    "scored = %dsml_predict income test --out scored.parquet\nassert (model.predict(test[features]) == scored).all()",
]


def test_one_kernel_carries_a_real_table_from_load_to_predict(kernel, workdir, shared_data):
    path = str(shared_data / "adult.csv")
    for cell in CELLS:
        answer = kernel.run(cell.replace("{path!r}", repr(path)))
        assert answer.status == "ok", answer.errors
    run = runs_in(workdir, "income")["baseline"]
    assert run.info.status == "FINISHED"
    assert (
        run.data.params["max_iter"]
        == run.data.params["Pipeline.histgradientboostingclassifier__max_iter"]
        == "20"
    )
    assert run.data.metrics["roc_auc"] > 0.9
    assert {each.dataset.name for each in run.inputs.dataset_inputs} == {"train", "test"}
    client = mlflow.MlflowClient(f"sqlite:///{workdir}/mlflow.db")
    version = client.get_model_version_by_alias("income", "champion")
    assert version.run_id == run.info.run_id
    scored = pd.read_parquet(workdir / "scored.parquet")
    assert len(scored) == 8141
    assert version.tags["dsml.data_fingerprint"] == fingerprint(
        open_table(scored.drop(columns=["prediction", "income"]))
    )


@pytest.fixture(scope="module")
def tour(tmp_path_factory):
    """The tour, executed as a notebook in one folder and as a converted script in another."""
    as_notebook, as_script = tmp_path_factory.mktemp("notebook"), tmp_path_factory.mktemp("script")
    for folder in (as_notebook, as_script):
        shutil.copy(TOUR, folder)
    done = shell("nbconvert", "--to", "notebook", "--execute", "--inplace", "tour.ipynb", cwd=as_notebook)
    assert done.returncode == 0, done.stderr
    done = shell("nbconvert", "--to", "dsml", "tour.ipynb", cwd=as_script)
    assert done.returncode == 0, done.stderr
    plain = subprocess.run(
        [sys.executable, "tour.py"], capture_output=True, text=True, env=_environment(), cwd=as_script
    )
    assert plain.returncode == 0, plain.stderr
    return as_notebook, as_script, plain.stdout


def test_the_converted_tour_runs_to_the_same_metrics(tour):
    as_notebook, as_script, _ = tour
    ours, theirs = runs_in(as_notebook, "penguins"), runs_in(as_script, "penguins")
    assert set(ours) == set(theirs) == {"logistic", "boosting"}
    for name in ours:
        assert results(ours[name]) == results(theirs[name])
        assert ours[name].data.params == theirs[name].data.params
        assert ours[name].data.tags["dsml.cell_sha256"] == theirs[name].data.tags["dsml.cell_sha256"]
        digests = [
            {each.dataset.digest for each in run.inputs.dataset_inputs} for run in (ours[name], theirs[name])
        ]
        assert digests[0] == digests[1]


def test_the_converted_tour_prints_what_the_cells_print(tour):
    as_notebook, _, printed = tour
    cells = nbformat.read(as_notebook / "tour.ipynb", 4).cells
    streams = [
        output for cell in cells for output in cell.get("outputs", []) if output.output_type == "stream"
    ]
    expected = "".join(output.text for output in streams if output.name == "stdout")
    assert printed == expected


def test_the_converted_tour_writes_the_same_predictions(tour):
    as_notebook, as_script, _ = tour
    assert (as_notebook / "sexed.csv").read_bytes() == (as_script / "sexed.csv").read_bytes()


def test_the_tour_shows_its_profile(tour):
    cells = nbformat.read(tour[0] / "tour.ipynb", 4).cells
    shown = [
        output.data
        for cell in cells
        for output in cell.get("outputs", [])
        if output.output_type == "execute_result"
    ]
    assert "Target: sex" in shown[0]["text/plain"]
    assert "<svg" in shown[0]["text/html"]


def test_the_script_takes_its_parameters_as_options(tour):
    _, as_script, _ = tour
    said = subprocess.run(
        [sys.executable, "tour.py", "--help"],
        capture_output=True,
        text=True,
        env=_environment(),
        cwd=as_script,
    )
    assert "--test_share" in said.stdout
    assert "boosting rounds" in said.stdout


def test_the_notebooks_are_kept_without_outputs():
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = [cell for cell in nbformat.read(path, 4).cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in cells), path.name
