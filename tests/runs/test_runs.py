"""Runs of a real ledger: listed, compared, done again."""

import json
import subprocess
import sys

import mlflow
import nbformat
import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.command.block import Block, given
from dsml_magics.errors import UsageError
from dsml_magics.runs.comparing import differing_packages

pytestmark = pytest.mark.slow

FRAME = pd.DataFrame({"x": [0.0, 1.0, 2.0, 3.0] * 10, "y": [0, 0, 1, 1] * 10})
CELL = "C = {C}\nmodel = LogisticRegression(C=C).fit(df[['x']], df['y'])\nscore = float(model.coef_[0][0])\n"
SCRIPT = """import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

df = pd.read_csv("t.csv")
model = LogisticRegression(C=2.0).fit(df[["x"]], df["y"])
score = float(model.coef_[0][0])
noise = float(np.random.rand())
"""
HOSTILE = "<script>alert(1)</script>\x1b[31m"


def track(source, name, frame=FRAME, experiment="e", **names):
    names = {"LogisticRegression": LogisticRegression, "df": frame.copy(), **names}
    with given(Block(source, lambda: names, "nb.ipynb")):
        tracking = dsml.track(name, experiment=experiment)
    with tracking:
        exec(source, names)
    return tracking.id


def track_two():
    track(CELL.format(C=0.5), "first")
    track(CELL.format(C=5.0), "second")


@pytest.fixture
def two(ledger_after):
    """Two runs that differ by one line."""
    ledger_after(track_two)
    found = {run.name: run.id for run in dsml.runs(experiment="e")}
    return found["first"], found["second"]


def test_the_newest_run_is_listed_first(two):
    found = dsml.runs(experiment="e")
    assert [run.name for run in found] == ["second", "first"]
    assert (found[0].id, found[0].state, found[0].params["C"]) == (two[1], "finished", "5.0")
    assert found[0].inputs["df"] == found[1].inputs["df"]


def test_runs_are_filtered_and_sorted(two):
    assert [run.name for run in dsml.runs(filter="params.C = '0.5'")] == ["first"]
    assert [run.name for run in dsml.runs(sort="score")] == ["second", "first"]
    assert [run.name for run in dsml.runs(sort="metrics.score asc")] == ["first", "second"]
    assert len(dsml.runs(limit=1)) == 1


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"experiment": "f"}, "No experiment 'f'"),
        ({"filter": "metrics.score >"}, "Expected a filter such as"),
        ({"sort": "scor"}, "No metric 'scor' in these runs. Did you mean 'score'?"),
        ({"sort": " "}, "Expected a metric such as"),
        ({"limit": 0}, "Expected a limit of 1 or more, got 0"),
    ],
)
def test_what_cannot_be_listed_is_told(two, options, said):
    with pytest.raises(UsageError) as caught:
        dsml.runs(**options)
    assert str(caught.value).startswith(said)


def test_all_views_of_runs_agree(two):
    found = dsml.runs()
    assert json.loads(found.to_json())["runs"][0]["params"]["C"] == "5.0"
    assert list(found.to_pandas()["params.C"]) == ["5.0", "0.5"]
    text = found.to_text()
    assert "score" in text.splitlines()[0]
    assert all(len(line) <= 110 for line in text.splitlines())
    assert "<script" not in found.to_html()


def test_no_runs_are_no_runs(workdir):
    found = dsml.runs()
    assert (len(found), found.to_text(), len(found.to_pandas())) == (0, "No runs.", 0)


def test_names_from_outside_are_shown_not_run(workdir):
    track(f"a = {HOSTILE!r}\n", HOSTILE)
    track("a = 'b'\n", HOSTILE)
    found = dsml.runs()
    for html in (found.to_html(), dsml.compare(found[0].id, found[1].id).to_html()):
        assert "<script" not in html
        assert "&lt;script&gt;" in html
    assert "\x1b" not in found.to_text() + dsml.compare(found[0].id, found[1].id).to_text()


def test_the_one_changed_parameter_and_line_are_named(two):
    found = dsml.compare(*two)
    assert [(row.name, row.first, row.second) for row in found.params] == [
        ("LogisticRegression.C", "0.5", "5.0"),
        ("C", "0.5", "5.0"),
    ]
    assert [row.name for row in found.metrics] == ["score"]
    assert (found.lines_changed, found.data, found.packages) == (1, (), ())
    assert {"-C = 0.5", "+C = 5.0"} <= set(found.code)
    assert "Code: 1 changed line\n" in found.to_text()
    assert json.loads(found.to_json())["lines_changed"] == 1


def test_a_run_is_like_itself(two):
    assert dsml.compare("first", two[0][:8]).is_same
    assert "nothing differs" in str(dsml.compare("first", "first"))


def test_a_run_has_one_short_id_everywhere_and_every_command_takes_it(workdir):
    names = {"LogisticRegression": LogisticRegression, "df": FRAME}
    trackings = []
    for source in ("m = LogisticRegression().fit(df[['x']], df['y'])\n", CELL.format(C=5.0)):
        with given(Block(source, lambda: names, "nb.ipynb")):
            trackings.append(dsml.track("one name", experiment="e"))
        with trackings[-1]:
            exec(source, names)
    newest, oldest = dsml.runs(experiment="e")
    printed = [line.split()[0] for line in dsml.runs().to_text().splitlines()[1:3]]
    assert printed == [newest.short_id, oldest.short_id] == [run.key[:8] for run in reversed(trackings)]
    assert [repr(run) for run in trackings] == [f"<Run 'one name' {each}>" for each in reversed(printed)]
    for pair in (printed, [newest.id[:8], oldest.id], trackings[::-1]):
        found = dsml.compare(*pair)
        assert (found.first.id, found.second.id) == (newest.id, oldest.id)
    assert f"({printed[0]}) and one name ({printed[1]})" in found.to_text()
    # The variable that holds the model plays no part, and a default is no blank.
    assert [(row.name, row.first, row.second) for row in found.params] == [
        ("LogisticRegression.C", "5.0", "1.0"),
        ("C", "5.0", ""),
    ]
    assert [run.params["LogisticRegression.C"] for run in dsml.runs()] == ["5.0", "1.0"]
    assert f"does run {printed[0]} again" in str(dsml.reproduce(printed[0]))


def test_data_that_moved_are_named_by_column(workdir):
    source = "n = len(df) / 2\n"
    track(source, "before")
    track(source, "after", frame=FRAME.assign(x=FRAME["x"] + 2))
    (row,) = dsml.compare("before", "after").data
    assert (row.name, row.said) == ("df", "moved: x 0.50")


def test_a_run_of_another_tool_is_compared_as_far_as_it_goes(two):
    experiment = mlflow.get_experiment_by_name("e").experiment_id
    with mlflow.start_run(run_name="by hand", experiment_id=experiment):
        mlflow.log_param("C", 1)
    found = dsml.compare("first", "by hand")
    assert ("C", "0.5", "1") in [(row.name, row.first, row.second) for row in found.params]


def test_an_id_that_begins_several_runs_is_refused(two):
    with pytest.raises(UsageError, match="No run 'thrid' in the ledger"):
        dsml.compare("thrid", "first")


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_a_run_is_done_again_by_a_notebook_and_a_script(workdir):
    git = ["git", "-c", "user.name=t", "-c", "user.email=t@t"]
    folder = workdir / "work"
    folder.mkdir()
    FRAME.to_csv(folder / "t.csv", index=False)
    (folder / "train.py").write_text(SCRIPT)
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "first"]):
        subprocess.run([*git, *words], check=True, cwd=folder)
    cli = [sys.executable, "-m", "dsml_magics.command.cli"]
    subprocess.run([*cli, "track", "job", "--", "train.py"], check=True, cwd=folder)
    made = subprocess.run(
        [*cli, "reproduce", "job", "--to", "again.py"], check=True, cwd=folder, capture_output=True, text=True
    )
    assert "are as they were" in made.stdout
    for check in (["check", "--isolated", "--ignore", "E402"], ["format", "--isolated", "--check"]):
        subprocess.run([sys.executable, "-m", "ruff", *check, "again.py"], check=True, cwd=folder)
    uri = f"sqlite:///{folder}/mlflow.db"
    env = {**__import__("os").environ, "MLFLOW_TRACKING_URI": uri}
    done = subprocess.run(
        [sys.executable, "again.py"], check=True, cwd=folder, capture_output=True, text=True, env=env
    )
    assert "score: then" in done.stdout
    assert "<- differs" not in done.stdout
    (folder / "t.csv").write_text("x,y\n1,0\n2,1\n")
    made = subprocess.run([*cli, "reproduce", "job"], check=True, cwd=folder, capture_output=True, text=True)
    assert "table df: 't.csv' has other content" in made.stdout
    notebook = nbformat.read(folder / "reproduce-job.ipynb", 4)
    nbformat.validate(notebook)
    assert [cell.cell_type for cell in notebook.cells][:2] == ["markdown", "code"]


def test_a_run_without_its_code_is_not_done_again(workdir):
    with mlflow.start_run(run_name="by hand"):
        pass
    with pytest.raises(UsageError, match="was not tracked"):
        dsml.reproduce("by hand")
    with pytest.raises(UsageError, match="ends in .ipynb or .py"):
        dsml.reproduce("by hand", to="x.txt")


def test_what_is_installed_with_us_and_was_only_imported_later_is_no_difference():
    first = {"numpy": "2.1.0", "pydantic_core": "2.50.4", "mlflow": "3.1", "faster-trees": "1.0"}
    found = differing_packages(first, {"numpy": "2.2.0"})
    assert [row.name for row in found] == ["numpy", "faster-trees"]
