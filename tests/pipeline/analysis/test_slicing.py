"""Slices leave their names as the whole script does."""

import os
import pickle
import subprocess
import sys

import pytest

import dsml_magics as dsml
from dsml_magics.errors import UsageError
from dsml_magics.pipeline.cutting import sliced
from dsml_magics.pipeline.proof.bootstrap import COMMAND
from dsml_magics.pipeline.proof.comparing import differences_of
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline import traps_of_notebooks, traps_of_python
from tests.pipeline.conftest import ROOT, STEPS, notebook

# Of those of notebooks, some that flow from cell to cell.
FLOWING = (
    "commands in functions and blocks",
    "a script that runs among our names",
    "the last value",
    "waiting at the top",
)
CASES = {**traps_of_python.TRAPS, **{name: traps_of_notebooks.TRAPS[name] for name in FLOWING}}
# Their names are too many, or not of the notebook.
LEFT = {"a star import", "a future import"}


def names_after(source, left, folder):
    """Run a script and describe what its names end as."""
    folder.mkdir(exist_ok=True)
    (folder / "s.py").write_text(source, encoding="utf-8")
    dump = folder.parent / f"{folder.name}.pickle"
    command = [sys.executable, "-c", COMMAND, dump, folder, ",".join(left), folder / "s.py"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": "0"}
    subprocess.run(
        list(map(str, command)), cwd=folder, env=environment, check=True, capture_output=True, timeout=120
    )
    return pickle.loads(dump.read_bytes())["names"]


def differing(first, second, name):
    found = differences_of({name: first[name]}, second)
    # Whose alias an object is, is told by names a slice may lack.
    return {each.path for each in found if "the same object as" not in str(each)}


@pytest.mark.usefixtures("starts_are_cheap")
@pytest.mark.parametrize("trap", [name for name in CASES if name not in LEFT])
def test_a_slice_leaves_its_name_as_the_whole_does(trap, tmp_path):
    pipeline = pipeline_of(notebook(*CASES[trap]), "trap")
    whole = names_after(pipeline.to_script(), pipeline.stand_ins, tmp_path / "whole")
    name = list(whole)[len(whole) // 2]
    slice_ = sliced(pipeline, [name])
    found = names_after(slice_.to_script(), pipeline.stand_ins, tmp_path / "slice")
    if wrong := differing(whole, found, name):
        again = names_after(pipeline.to_script(), pipeline.stand_ins, tmp_path / "again")
        wrong -= differing(whole, again, name)
    assert not wrong


def script_of(only):
    return sliced(pipeline_of(notebook(*STEPS), "example"), only).to_script()


def test_a_slice_keeps_only_what_is_needed():
    source = script_of(["score"]).partition("# %%")[2]
    assert source == (
        " Title\nimport pandas as pd\n\n"
        'pd.set_option("display.max_columns", 20)  # as in a notebook\n\n\n'
        "# %% Data\n"
        "df = pd.DataFrame({'a': [1, 2, 3], 'b': [2, 4, 7]})\n\n\n"
        "# %% Model\nmodel = df.a.sum()\n\n\n# %%\nscore = model / 2\n"
    )


def test_a_slice_for_a_step_keeps_its_effects():
    source = script_of(["Report"])
    assert "open('report.txt', 'w')" in source
    assert "unused" not in source


def test_a_slice_may_be_for_steps_and_variables():
    pipeline = sliced(pipeline_of(notebook(*STEPS), "example"), ["data", "unused"])
    assert pipeline.only == ("data", "unused")
    assert {"df", "other", "unused"} <= pipeline.kept_names
    assert "score" not in pipeline.to_script()


def test_a_slice_has_the_parameters_it_needs():
    cells = [("parameters", "a = 1\nb = 2"), "x = a", "y = 3"]
    pipeline = pipeline_of(notebook(*cells), "example")
    assert [each.name for each in sliced(pipeline, ["x"]).parameters] == ["a", "b"]
    assert sliced(pipeline, ["y"]).parameters == ()
    with pytest.raises(UsageError, match="got 'xx'"):
        sliced(pipeline, ["xx"])


def test_what_is_no_step_or_variable_is_named():
    with pytest.raises(
        UsageError, match="Expected a step or a variable of the notebook, got 'modle'. Did you mean 'model'"
    ):
        script_of(["modle"])


@pytest.mark.parametrize(
    ("cells", "name", "kept"),
    [
        (["a = [1]", "b = a", "b.append(2)", "c = 3"], "a", [1, 2, 3]),
        (["import random\nrandom.seed(1)", "x = random.random()", "y = random.random()"], "y", [1, 2, 3]),
        (["import random\nrandom.seed(1)", "x = 5", "y = random.random()"], "y", [1, 3]),
        (
            ["open('a.csv', 'w').write('1')", "open('b.csv', 'w').write('1')", "x = open('a.csv').read()"],
            "x",
            [1, 3],
        ),
        (["n = 'a.csv'\nopen(n, 'w').write('1')", "x = open('a.csv').read()"], "x", [1, 2]),
        (["k = 1", "def f(): return k", "k = 2", "x = f()", "k = 3"], "x", [2, 3, 4]),
        (["k = [1]", "def f(): k.append(1)", "f()", "x = 1"], "k", [1, 2, 3]),
        (["import pandas as pd\npd.set_option('display.max_rows', 5)", "x = 1", "y = 2"], "y", [1, 3]),
        (["x = 1", "exec('x = 2')", "y = 3"], "y", [1, 2, 3]),
        (
            [
                "import numpy as np\nfrom sklearn.utils import shuffle\nrng = np.random.RandomState(0)",
                "a = shuffle([1, 2, 3], random_state=rng)",
                "b = shuffle([1, 2, 3], random_state=0)",
                "x = rng.rand()",
            ],
            "x",
            [1, 2, 4],
        ),
        (
            [
                "import pandas as pd\nk = 1",
                "df = pd.DataFrame({'a': [1, 2]})",
                "k = 2",
                "x = df.query('a == @k')",
            ],
            "x",
            [1, 2, 3, 4],
        ),
        (
            [
                "import duckdb, pandas as pd",
                "df = pd.DataFrame({'a': [1]})",
                "x = duckdb.sql('from df').fetchall()",
            ],
            "x",
            [1, 2, 3],
        ),
        (
            ["import pandas as pd\nk = 1\nq = 'a == @k'", "df = pd.DataFrame({'a': [1]})", "x = df.query(q)"],
            "x",
            [1, 2, 3],
        ),
        (["it = iter([1, 2])", "text = ''.join(map(str, it))", "rest = list(it)"], "rest", [1, 2, 3]),
        (
            ["it = iter([1, 2])", "import pandas as pd\ndf = pd.DataFrame({'a': it})", "rest = list(it)"],
            "rest",
            [1, 2, 3],
        ),
        (["import numpy as np\na = np.zeros(3)", "np.add.at(a, [0], 1)", "b = 2"], "a", [1, 2]),
        (["it = iter([1, 2])", "first = list(it)", "second = list(it)"], "second", [1, 2, 3]),
        (["a = [1]", "first = list(a)", "second = list(a)"], "second", [1, 3]),
        (["class A:\n    n = 0\n    def up(self): A.n += 1", "a = A()", "a.up()", "x = 1"], "A", [1, 2, 3]),
    ],
)
def test_every_possible_effect_is_kept(cells, name, kept):
    pipeline = sliced(pipeline_of(notebook(*cells), "example"), [name])
    assert [cell.number for step in pipeline.steps for cell in step.cells] == kept


def test_slices_are_proved(saved, tmp_path):
    path = saved(*STEPS)
    pipeline = dsml.pipeline(path, to=tmp_path / "out.py", verify=True, only=["score"])
    assert pipeline.proof.verdict == "equal", pipeline.proof
    assert "score" in dsml.pipeline(path, only=["score"], verify=True).proof.names
