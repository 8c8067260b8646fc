"""`dsml verify` tells equal from different, names what differs, and touches nothing."""

import json
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest

import dsml_magics as dsml
from dsml_magics.errors import NotebookError
from tests.pipeline.conftest import ROOT, notebook

pytestmark = pytest.mark.slow

NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.fixture
def saved(tmp_path, starts_are_cheap):
    def save(*cells, folder="work"):
        path = tmp_path / folder / "nb.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook(*cells), path)
        return path

    return save


def shell(path, *words):
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "dsml_magics.command.cli", *map(str, words)]
    return subprocess.run(
        command, cwd=path.parent, env=environment, capture_output=True, text=True, check=False, timeout=300
    )


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.name)
def test_the_scripts_of_our_notebooks_do_what_they_do(path, tmp_path):
    copy = tmp_path / path.name
    copy.write_bytes(path.read_bytes())
    proof = dsml.verify(copy)
    assert proof.verdict == "equal", proof.differences
    assert len(proof.names) > 10
    assert proof.files


def test_equal_is_one_line_a_proof_and_exit_code_0(saved):
    path = saved("a = 1\nprint('hi')", "open('o.txt', 'w').write('x')")
    done = shell(path, "verify", path.name)
    assert done.returncode == 0, done.stderr
    assert done.stdout == "nb.py equals nb.ipynb: 1 variable, 1 printed line, 1 file\n"
    proof = json.loads((path.parent / "proof.json").read_text())
    assert proof["verdict"] == "equal"
    assert proof["names"] == ["a"]
    assert proof["files"] == ["o.txt"]
    assert sorted(each.name for each in path.parent.iterdir()) == ["nb.ipynb", "proof.json"]


DIFFERENCES = [
    ("a = [1, {'k': 0.1}]", "a = [1, {'k': 0.2}]", "a[1]['k']: 0.1 in the notebook, 0.2 in the script"),
    ("b = 1\nb2 = 2", "b = 1", "b2: 2 in the notebook, missing in the script"),
    ("c = 1\nc2 = 2", "c = 1\nc2 = 2.0", "c2: 2 in the notebook, 2.0 in the script"),
    (
        "import numpy as np\nd = np.arange(5) / 3",
        "import numpy as np\nd = np.arange(5) / 3.0000001",
        "d[1]: 0.3333333333333333 in the notebook, 0.333333",
    ),
    (
        "e = np.ones((2, 3))",
        "e = np.ones((2, 3))\ne[1, 2] = np.nextafter(1, 2)",
        "e[1, 2]: 1.0 in the notebook, 1.0000000000000002 in the script",
    ),
    (
        "f = 2 * np.random.rand(40)",
        "f = 3 * np.random.rand(40)",
        "f[0]: 1.0976270078546495 in the notebook, 1.6464405117819743 in the script",
    ),
    ("import random\ng = random.Random(1)", "import random\ng = random.Random(2)", "g.state: "),
    (
        "h = list(range(2000))",
        "h = list(range(2000))\nh[1500] = -1",
        "h[1500]: 1500 in the notebook, -1 in the script",
    ),
    (
        "import pandas as pd\ni = pd.DataFrame({'x': [1]})",
        "import pandas as pd\ni = pd.DataFrame({'x': [2]})",
        "i.column[0][0]: 1 in the notebook, 2 in the script",
    ),
    ("def j(x): return x + 1", "def j(x): return x + 2", "j.code"),
    ("class K:\n    k = 1", "class K:\n    k = 2", "K.k: 1 in the notebook, 2 in the script"),
    (
        "l = []; m = l",
        "l = []; m = []",
        "m: the same object as l in the notebook, list of 0 in the script",
    ),
    ("n = {1: 2, 3: 4}", "n = {3: 4, 1: 2}", "n: "),
    (
        "print('one')\nprint('two')",
        "print('one')\nprint('2')",
        "printed line 2: 'two' in the notebook, '2' in the script",
    ),
    ("open('o.txt', 'w').write('1');", "open('o.txt', 'w').write('2')", "file o.txt line 1: '1' in"),
    (
        "p = 1",
        "p = 1\nopen('more.txt', 'w')",
        "file more.txt: not written in the notebook, written in the script",
    ),
]
"""A cell, what stands for it in a script that is not its own, and what is said of it."""


@pytest.fixture(scope="module")
def told(tmp_path_factory, _warm_python):
    """What is said of a notebook of all those cells and a script of their stand-ins: one proof."""
    folder = tmp_path_factory.mktemp("differences")
    nbformat.write(notebook(*(cell for cell, _, _ in DIFFERENCES)), folder / "nb.ipynb")
    (folder / "out.py").write_text("\n".join(script for _, script, _ in DIFFERENCES))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "executable", _warm_python)
        return [str(each) for each in dsml.verify(folder / "nb.ipynb", folder / "out.py").differences]


@pytest.mark.parametrize(("cell", "script", "where"), DIFFERENCES)
def test_a_difference_is_named(told, cell, script, where):
    assert len([each for each in told if each.startswith(where)]) == 1, told


def test_nothing_else_is_called_different(told):
    assert len(told) == len(DIFFERENCES)


@pytest.mark.parametrize(
    ("script", "where"),
    [
        ("a = 1", "b: 2 in the notebook, missing in the script"),
        (
            "a = 1\nraise ValueError('x')",
            "the end: reached in the notebook, stopped, line 2: ValueError: x in the script",
        ),
    ],
)
def test_a_difference_is_exit_code_1(saved, script, where):
    path = saved("a = 1\nb = 2")
    (path.parent / "out.py").write_text(script)
    done = shell(path, "verify", path.name, "out.py")
    assert done.returncode == 1, done.stdout + done.stderr
    assert f"out.py differs from nb.ipynb: {where}" in done.stdout
    assert json.loads((path.parent / "proof.json").read_text())["verdict"] == "different"


UNSTABLE = "import time\na = {'t': time.time(), 'k': 1}\nb = time.time()\nprint(b)\nprint('end')"


@pytest.mark.parametrize(("option", "code"), [([], 0), (["--strict"], 1)])
def test_what_two_runs_of_the_notebook_disagree_on_is_not_proved_counted_and_named(saved, option, code):
    path = saved(UNSTABLE)
    done = shell(path, "verify", path.name, *option)
    assert done.returncode == code, done.stderr
    assert done.stdout == (
        "nb.py equals nb.ipynb: 1 variable, 1 printed line, 0 files; "
        "3 not proved, as runs of the notebook differ there: a['t'], b, printed line 1\n"
    )
    proof = json.loads((path.parent / "proof.json").read_text())
    assert (proof["verdict"], proof["names"]) == ("equal", ["time"])
    assert proof["not_proved"] == ["a['t']", "b", "printed line 1"]


def test_a_strict_proof_of_what_is_wholly_proved_is_equal(saved):
    assert dsml.verify(saved("a = 1"), strict=True).exit_code == 0


DRAWS = """
import random, tempfile
import numpy as np
rng = np.random.default_rng()
a = [random.random(), np.random.rand(), rng.normal(), np.random.default_rng().normal(), random.Random().random()]
random.seed()
np.random.seed()
b = [random.random(), np.random.rand()]
from sklearn.ensemble import RandomForestClassifier
X = np.random.rand(40, 2)
model = RandomForestClassifier(3).fit(X, X[:, 0] > 0.5)
print(a[0])
"""


def test_draws_without_a_seed_are_compared_too(saved):
    proof = dsml.verify(saved(*DRAWS.splitlines()))
    assert (proof.verdict, proof.not_proved) == ("equal", ())
    assert {"a", "b", "model", "rng"} <= set(proof.names)
    assert proof.seed == 0


def test_a_difference_beside_what_is_unstable_is_found(saved):
    path = saved("import time\na = {'r': time.time(), 'k': 1}\nprint(a['r'])\nprint('end')")
    (path.parent / "out.py").write_text(
        "import time\na = {'r': time.time(), 'k': 2}\nprint(a['r'])\nprint('END')"
    )
    proof = dsml.verify(path, path.parent / "out.py")
    assert [each.where for each in proof.differences] == ["a['k']", "printed line 2"]
    assert proof.not_proved == ("a['r']", "printed line 1")


def test_what_is_unstable_excuses_nothing_whose_name_begins_alike(saved):
    cell = "import time\nx = time.time()\nxy = {k}\nopen('out', 'w').write(str(x));\nopen('out.csv', 'w').write('{k}');"
    path = saved(cell.format(k=1))
    (path.parent / "out.py").write_text(cell.format(k=2))
    proof = dsml.verify(path, path.parent / "out.py")
    assert [each.where for each in proof.differences] == ["xy", "file out.csv line 1"]
    assert proof.not_proved == ("file out", "x")


def test_a_run_of_the_notebook_that_fails_excuses_nothing(saved, tmp_path):
    count = (
        f"p = __import__('pathlib').Path({str(tmp_path / 'runs')!r})\nn = p.read_text() if p.exists() else ''"
    )
    path = saved(count, "p.write_text(n + 'x');", "assert len(n) < 2", "a = 1", "del p, n")
    (path.parent / "out.py").write_text(f"{count}\np.write_text(n + 'x')\na = 2\ndel p, n")
    proof = dsml.verify(path, path.parent / "out.py")
    assert [str(each) for each in proof.differences] == ["a: 1 in the notebook, 2 in the script"]


def test_the_proofs_of_two_notebooks_in_a_folder_are_two_files(saved):
    first = saved("a = 1")
    second = first.with_name("other.ipynb")
    second.write_text(first.read_text())
    for path in (first, second, first, second):
        dsml.verify(path)
    proofs = {each.name: json.loads(each.read_text())["notebook"] for each in first.parent.glob("*.json")}
    assert proofs == {"proof.json": "nb.ipynb", "other.proof.json": "other.ipynb"}


def test_a_file_that_is_no_proof_is_left_alone(saved):
    path = saved("a = 1")
    (path.parent / "proof.json").write_text("[1]")
    dsml.verify(path)
    assert (path.parent / "proof.json").read_text() == "[1]"
    assert json.loads((path.parent / "nb.proof.json").read_text())["verdict"] == "equal"


@pytest.mark.parametrize(
    "words", [["verify", "nb.ipynb"], ["pipeline", "nb.ipynb", "--to", "out.py", "--verify"]]
)
def test_a_notebook_that_raises_is_named_with_its_cell_and_leaves_no_file(saved, words):
    path = saved("a = 1", "b = 2", "raise ValueError('no\\nway')")
    done = shell(path, *words)
    assert done.returncode == 2
    said = (done.stdout + done.stderr).strip().splitlines()
    assert len(said) == 1
    assert "could not be proved: nb.ipynb, code cell 3: ValueError: no" in said[0]
    assert [each.name for each in path.parent.iterdir()] == ["nb.ipynb"]


def test_a_notebook_may_reach_folders_beside_its_own_and_changes_none(saved, tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "in.txt").write_text("7")
    path = saved(
        "x = int(open('../data/in.txt').read())\nopen('../data/in.txt', 'w').write('8')",
        "y = open('../data/in.txt').read()",
    )
    proof = dsml.verify(path)
    assert proof.verdict == "equal", proof.differences
    assert proof.files == ("../data/in.txt",)
    assert (tmp_path / "data" / "in.txt").read_text() == "7"


def test_what_is_beside_may_be_a_link(saved, tmp_path):
    (tmp_path / "elsewhere" / "data").mkdir(parents=True)
    (tmp_path / "elsewhere" / "data" / "in.txt").write_text("7")
    path = saved("x = open('../shared/data/in.txt').read()", folder="project/notebooks")
    (tmp_path / "project" / "shared").symlink_to(tmp_path / "elsewhere")
    assert dsml.verify(path).verdict == "equal"


def test_what_cannot_be_looked_into_is_told(saved):
    proof = dsml.verify(saved("import threading\nlock = threading.Lock()\na = [1, threading.Thread()]"))
    assert proof.verdict == "equal"
    assert proof.not_compared == {"a[1]": "threading.Thread", "lock": "_thread.lock"}


def test_the_ledger_of_the_user_is_left_alone(saved, tmp_path, monkeypatch):
    ledger = tmp_path / "ledger.db"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{ledger}")
    proof = dsml.verify(saved("%load_ext dsml_magics", "%%dsml_track one\nscore = 0.5"))
    assert proof.verdict == "equal", proof.differences
    assert not ledger.exists()


def test_nothing_is_left_running_or_open(saved):
    path = saved("a = 1")
    dsml.verify(path)
    own = psutil.Process()
    open_before, running_before = own.num_fds(), set(own.children())
    dsml.verify(path)
    assert own.num_fds() <= open_before
    assert set(own.children()) <= running_before


def test_a_missing_script_is_named(saved):
    with pytest.raises(NotebookError, match=r"No script '.*out.py'\. Make it with `dsml pipeline"):
        dsml.verify(saved("a = 1"), "out.py")


def test_a_script_that_is_no_python_cannot_run(saved):
    path = saved("a = 1")
    (path.parent / "out.py").write_text("a = (")
    proof = dsml.verify(path, path.parent / "out.py")
    assert proof.exit_code == 2
    assert "the script is no Python" in str(proof)


def test_a_pipeline_carries_its_proof(saved):
    path = saved("a = 1")
    pipeline = dsml.pipeline(path, to=path.parent / "out.py", verify=True)
    assert pipeline.exit_code == 0
    assert str(pipeline).endswith("out.py equals nb.ipynb: 1 variable, 0 printed lines, 0 files")
    assert sorted(each.name for each in path.parent.iterdir()) == ["nb.ipynb", "out.py", "proof.json"]


def test_the_folder_of_the_notebook_is_not_changed(saved):
    path = saved("import os\nos.makedirs('sub')\nopen('sub/a.txt', 'w').write('x')", "os.remove('keep.txt')")
    (path.parent / "keep.txt").write_text("here")
    assert dsml.verify(path).files == ("keep.txt", "sub/a.txt")
    assert Path(path.parent / "keep.txt").read_text() == "here"
