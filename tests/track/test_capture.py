"""What is taken down of a block, and that the block does not notice."""

import json
import random
import sys
import threading
import warnings

import matplotlib as mpl

mpl.use("Agg")
import mlflow
import numpy as np
import pandas as pd
import pytest
from cells import artifact, metrics, run_cell, tracked
from hypothesis import given as given_values
from hypothesis import strategies as st
from matplotlib import pyplot as plt
from sklearn.datasets import make_classification
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import dsml_magics as dsml
from dsml_magics.ledger.spool import spool
from dsml_magics.profile.value import Profile
from dsml_magics.track.capture import Before, found
from dsml_magics.track.output import listening
from dsml_magics.track.source import Source
from dsml_magics.track.surroundings import random_states, restore

pytestmark = pytest.mark.slow

X, Y = make_classification(120, 4, random_state=0)
X = pd.DataFrame(X, columns=list("abcd"))


def after(source, names, **chosen):
    before = Before.of(names)
    exec(source, names)
    return found(Source(source), before, names, **{"params": None, "metrics": None, **chosen})


def test_parameters_of_what_is_inside_a_pipeline_are_found():
    names = {"p": make_pipeline(StandardScaler(with_mean=False), LogisticRegression(C=3.0)), "X": X, "Y": Y}
    seen = after("model = p.fit(X, Y)\n", names)
    assert seen.parameters["model"] == "Pipeline"
    assert seen.parameters["Pipeline.logisticregression__C"] == "3.0"
    assert seen.parameters["Pipeline.standardscaler__with_mean"] == "False"


def test_a_search_tells_its_best_candidate_and_all_scores():
    names = {"GridSearchCV": GridSearchCV, "LR": LogisticRegression, "X": X, "Y": Y}
    seen = after("search = GridSearchCV(LR(), {'C': [0.01, 1.0]}, cv=3).fit(X, Y)\n", names)
    search = names["search"]
    assert seen.parameters["GridSearchCV.best_params_.C"] == str(search.best_params_["C"])
    assert seen.metrics["search.best_score_"] == search.best_score_
    assert seen.series["search.cv_results_.mean_test_score"] == tuple(search.cv_results_["mean_test_score"])


def test_lists_and_dicts_of_floats_are_series():
    source = (
        "losses = [1 / n for n in range(1, 4)]\n"
        "folds = np.array([0.5, 0.75])\n"
        "history = {'loss': [float(2), 1.5], 'auc': sum([0.5, 0.25])}\n"
        "big = np.zeros(101)\n"
        "words = list('ab')\n"
        "counts = [len('a'), 2]\n"
    )
    seen = after(source, {"np": np})
    assert seen.series == {"losses": (1.0, 0.5, 1 / 3), "folds": (0.5, 0.75), "history.loss": (2.0, 1.5)}
    assert seen.metrics == {"history.auc": 0.75}


def test_the_user_chooses():
    seen = after(
        "n = len('abc')\nrate = 1 / 2\nd = {'best': 4.0}\n",
        {},
        params=["n", "absent"],
        metrics=["n", "d.best", "rate.real", "d"],
    )
    assert seen.parameters == {"n": "3"}
    assert seen.metrics == {"n": 3.0, "d.best": 4.0, "rate.real": 0.5}
    assert [sentence.partition(":")[0] for sentence in seen.not_recorded] == ["absent"]


def test_names_that_are_new_or_another_or_longer_have_changed():
    seen = after("a = 2\nb.append(1)\ndel c\nd = 1\n", {"a": 1, "b": [], "c": 1, "e": 5})
    assert set(seen.changed) == {"a", "b", "d"}


def test_modules_and_functions_that_are_read_can_be_imported_again():
    seen = after("x = np.zeros(3)\nm = LR()\n", {"np": np, "LR": LogisticRegression})
    assert seen.imports == (
        "import numpy as np",
        "from sklearn.linear_model import LogisticRegression as LR",
    ) or set(seen.imports) == {
        "import numpy as np",
        "from sklearn.linear_model._logistic import LogisticRegression as LR",
    }


class Broken:
    def __getattr__(self, name):
        raise RuntimeError(name)

    def __repr__(self):
        raise RuntimeError("no words")

    def __eq__(self, other):
        raise RuntimeError("equal?")

    def __len__(self):
        raise RuntimeError("long?")

    __hash__ = None


ODD = {
    "an object that answers nothing": "x = Broken()\n",
    "a dict of a million keys": "x = dict.fromkeys(range(10**6), 1.0)\n",
    "a list that holds itself": "x = [1.0]\nx.append(x)\n",
    "a generator": "x = (n / 2 for n in range(3))\n",
    "a huge array": "x = np.zeros(10**7)\n",
    "infinities": "x = float('inf')\ny = float('nan')\n",
    "a name that is deleted": "x = 1 / 2\ndel x\n",
    "a recursion": "def f(): return f\nx = f()\n",
    "a very long text": "x = 'a' * 10**7\n",
    "odd names": "ключ = 1 / 2\n",
}


@pytest.mark.parametrize("source", ODD.values(), ids=ODD)
def test_whatever_is_bound_the_run_is_recorded(workdir, source):
    names = {"Broken": Broken, "np": np}
    run = run_cell(source + "after = sum([0.5, 0.25])\n", names)
    assert (run.info.status, run.data.metrics["after"]) == ("FINISHED", 0.75)


def test_a_generator_is_not_used_up(workdir):
    names = {}
    tracked("x = (n for n in range(3))\n", names)
    assert list(names["x"]) == [0, 1, 2]


def test_what_is_printed_warned_of_and_raised_is_taken_down(workdir, capsys):
    source = "import sys, warnings\nprint('hello')\nprint('oops', file=sys.stderr)\nwarnings.warn('old', FutureWarning)\n"
    with pytest.warns(FutureWarning, match="old"):
        run = run_cell(source, {})
    assert "hello\noops\n" in artifact(run, "dsml/output.txt")
    facts = json.loads(artifact(run, "dsml/cell.json"))
    assert [(each["category"], each["message"]) for each in facts["warnings"]] == [("FutureWarning", "old")]
    assert capsys.readouterr().out == "hello\n"


def test_the_streams_are_what_they_were(capsys):
    out, write, show = sys.stdout, sys.stdout.write, warnings.showwarning
    with listening() as one:
        assert sys.stdout is out
        with listening() as two:
            print("inner")
        print("outer")
    assert (sys.stdout, sys.stdout.write, warnings.showwarning) == (out, write, show)
    assert (one.text(), two.text()) == ("inner\nouter\n", "inner\n")


def test_threads_listen_to_themselves():
    heard = {}

    def work(number):
        with listening() as output:
            for _ in range(50):
                print(number)
        heard[number] = output.text()

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert heard == {number: f"{number}\n" * 50 for number in range(4)}


def test_very_long_output_is_cut():
    with listening() as output:
        print("a" * 300_000)
    assert 100_000 < len(output.text()) < 101_000
    assert "200,001 more characters" in output.text()


def test_figures_of_the_block_are_kept_and_older_ones_are_not(workdir):
    plt.close("all")
    older = plt.figure()
    names = {"plt": plt}
    run = run_cell("fig, ax = plt.subplots()\nax.plot([1, 2])\n", names)
    client = mlflow.MlflowClient()
    assert [file.path for file in client.list_artifacts(run.info.run_id, "dsml/figures")] == [
        "dsml/figures/1.png"
    ]
    assert plt.gcf() is names["fig"]
    assert older.number in plt.get_fignums()
    plt.close("all")


def test_the_table_that_was_read_is_the_one_before(workdir):
    frame = pd.DataFrame({"x": range(10), "y": list("ab") * 5})
    run = run_cell("df.loc[0, 'x'] = 99\ndf['z'] = 1\n", {"df": frame})
    assert list(frame.columns) == ["x", "y", "z"]
    (facts,) = json.loads(artifact(run, "dsml/cell.json"))["tables"]
    assert (facts["rows"], list(facts["types"])) == (10, ["x", "y"])
    path = mlflow.artifacts.download_artifacts(f"{run.info.artifact_uri}/{facts['profile']}")
    with open(path, "rb") as file:
        profile = Profile.from_bytes(file.read())
    assert profile.columns["x"].max == 9


def test_rows_to_train_and_to_test_on_are_held_against_each_other(workdir, capfd):
    run = run_cell("n = len(X_train) + len(X_test)\n", {"X_train": X[:80], "X_test": X[70:]})
    (overlap,) = json.loads(artifact(run, "dsml/cell.json"))["overlaps"]
    assert overlap == {"tables": ["X_train", "X_test"], "rows": 10, "of": 50, "explained": 0.0}
    assert run.data.tags["dsml.overlap"] == "X_train, X_test"
    said = capfd.readouterr().err
    assert (
        said.count("X_train and X_test share 10 rows (20.0% of X_test); natural duplicates explain none") == 1
    )


def test_a_leak_is_said_in_its_own_cell_and_once(kernel):
    kernel.run("import numpy as np\nX_train = np.arange(200.0).reshape(100, 2)\nX_test = X_train[90:]")
    answer = kernel.run("%%dsml_track leaky\nn = len(X_train) + len(X_test)")
    assert answer.text.count("X_train and X_test share 10 rows (100.0% of X_test)") == 1
    after = kernel.run(
        "import threading\nfor t in threading.enumerate():\n    t.name == 'dsml-track' and t.join()"
    )
    assert (after.status, after.text) == ("ok", "")


def test_tables_without_shared_rows_say_nothing(workdir, capfd):
    run = run_cell("n = len(train) + len(test) + len(df)\n", {"train": X[:80], "test": X[80:], "df": X})
    assert "dsml.overlap" not in run.data.tags
    assert "share" not in capfd.readouterr().err


def test_random_states_come_back():
    random.seed(3)
    np.random.seed(4)
    states = json.loads(json.dumps(random_states()))
    drawn = random.random(), np.random.rand()
    restore(states)
    assert (random.random(), np.random.rand()) == drawn


def test_the_cost_of_a_block_is_recorded(workdir):
    run = run_cell("x = np.ones(30_000_000)\n", {"np": np})
    assert run.data.metrics["dsml.wall_seconds"] > 0
    assert run.data.metrics["dsml.peak_memory_mb"] > 220


def test_candidates_become_runs_of_their_own(workdir):
    names = {"GridSearchCV": GridSearchCV, "LR": LogisticRegression, "X": X, "Y": Y}
    source = "search = GridSearchCV(LR(), {'C': [0.01, 1.0]}, cv=3).fit(X, Y)\n"
    run = run_cell(source, names, "search", nested=True)
    assert dsml.sync().left == ()
    children = mlflow.search_runs(
        filter_string=f"tags.mlflow.parentRunId = '{run.info.run_id}'", output_format="list"
    )
    assert {child.data.params["C"] for child in children} == {"0.01", "1.0"}
    best = max(children, key=lambda child: child.data.metrics["mean_test_score"])
    assert best.data.metrics["mean_test_score"] == run.data.metrics["search.best_score_"]


def test_a_run_can_be_continued(workdir):
    first = run_cell("rate = 0.5\nloss = sum([0.5])\n", {})
    again = run_cell("rate = 0.7\nother = 3\nloss = sum([0.25])\n", {}, resume=first.info.run_id)
    assert again.info.run_id == first.info.run_id
    assert (again.data.params, again.data.metrics["loss"]) == ({"rate": "0.5", "other": "3"}, 0.25)
    assert artifact(again, "dsml/cell.py") == "rate = 0.5\nloss = sum([0.5])\n"


def test_a_full_or_read_only_disk_costs_the_cell_nothing(workdir, monkeypatch, capfd):
    (workdir / "file").write_text("")
    monkeypatch.setenv("DSML_HOME", str(workdir / "file" / "below"))
    with dsml.track("x") as tracking:
        done = True
    assert done
    assert tracking.id is None
    assert capfd.readouterr().err.count("could not be recorded") == 1


@given_values(st.text(max_size=200))
def test_any_source_can_be_read(text):
    source = Source(text)
    assert isinstance([source.read, source.bound, source.constants, source.loaded, source.files], list)


def test_secrets_in_output_and_estimators_are_hidden(workdir):
    source = "print('postgresql://me:hunter2@db/x')\ntoken = 'hunter3'\n"
    run = run_cell(source, {})
    kept = [path.read_bytes() for path in workdir.rglob("*") if path.is_file() and path.suffix != ".db"]
    kept += [path.read_bytes() for path in spool().folder.rglob("*") if path.is_file()]
    assert run.data.params["token"] == "***"
    assert not any(b"hunter" in content for content in kept)
    assert metrics(run) == {}
