"""Slices keep what their names need, and nothing else."""

import pytest

from dsml_magics.errors import UsageError
from dsml_magics.pipeline.cutting import sliced
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import STEPS, notebook


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
        (["x = y", "y = 1"], "x", [1]),
        (["a = [1]", "a.append(2)", "a = [0]"], "a", [3]),
        (["a = [1]", "b = a", "b.append(2)", "a = 5", "x = (a, b)"], "x", [1, 2, 3, 4, 5]),
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
