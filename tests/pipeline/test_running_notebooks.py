"""Notebooks that run others, magics that are kept, names that are in the way."""

import os
import subprocess
import sys

import nbformat
import pytest

import dsml_magics as dsml
from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import notebook, proved, script

pytestmark = pytest.mark.slow


def test_a_notebook_that_is_run_becomes_part_of_the_script(tmp_path):
    nbformat.write(
        notebook({"md": "# Shared"}, "k = 3", "%time def f(): return k", "f()"), tmp_path / "shared.ipynb"
    )
    proof = proved(tmp_path, ["%run shared.ipynb", "k = 4\nr = f()", "g = 1"])
    assert str(proof).startswith("trap.py equals trap.ipynb: 4 variables"), proof


@pytest.mark.parametrize("names", [["a"], ["a", "b"], ["a", "b", "c"]])
def test_notebooks_that_run_each_other_are_refused(tmp_path, names):
    for name, following in zip(names, [*names[1:], names[0]], strict=True):
        nbformat.write(notebook(f"%run {following}.ipynb"), tmp_path / f"{name}.ipynb")
    with pytest.raises(NotebookError, match="notebooks that run each other never end: ") as caught:
        dsml.pipeline(tmp_path / "a.ipynb", to=tmp_path / "a.py")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "a.py").exists()


def test_a_notebook_to_run_that_is_not_there_is_named(saved):
    with pytest.raises(NotebookError, match=r"code cell 1, line 1: `%run other.ipynb`: No notebook"):
        dsml.pipeline(saved("%run other.ipynb"))


def test_an_error_in_a_notebook_that_is_run_is_located_there(saved, tmp_path):
    nbformat.write(notebook("x = 1", "y = ="), tmp_path / "other.ipynb")
    with pytest.raises(
        NotebookError, match=r"`%run other.ipynb`: other.ipynb, code cell 2, line 1: expected Python"
    ):
        dsml.pipeline(saved("%run other.ipynb"))


def test_magics_of_others_are_kept_where_that_is_asked_for(saved, tmp_path):
    (tmp_path / "shout.py").write_text(
        "def load_ipython_extension(shell):\n"
        "    shell.register_magic_function(lambda line: line.upper(), 'line', 'shout')\n"
        "    shell.register_magic_function(lambda line, cell: print(cell.upper()), 'cell', 'shoutcell')\n"
    )
    path = saved("%load_ext shout", "x = %shout hello", "%%shoutcell\nall of it", "y = x + '!'")
    with pytest.raises(NotebookError, match="`%shout hello`: this magic has no plain Python form"):
        dsml.pipeline(path)
    pipeline = dsml.pipeline(path, to=tmp_path / "out.py", keep_magics=True)
    assert "code cell 2: `%shout` is kept: the script needs IPython for it." in pipeline.warnings
    environment = {**os.environ, "IPYTHONDIR": str(tmp_path / "ipython")}
    code = "import runpy; print(runpy.run_path('out.py', run_name='__main__')['y'])"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split("\n")[-3:] == ["ALL OF IT", "HELLO!", ""] or "HELLO!" in done.stdout
    assert "ALL OF IT" in done.stdout


def test_a_script_that_would_hide_what_it_imports_is_told(saved, tmp_path):
    path = saved("import pandas", name="pandas.ipynb")
    assert "would hide the module `pandas`" in dsml.pipeline(path).warnings[-1]
    assert dsml.pipeline(path, to=tmp_path / "other.py").warnings == ()


def test_the_notebook_this_is_called_in_is_the_one_meant(saved, monkeypatch):
    path = saved("x = 1")
    monkeypatch.setenv("JPY_SESSION_NAME", str(path))
    assert dsml.pipeline().name == "example"
    monkeypatch.delenv("JPY_SESSION_NAME")
    with pytest.raises(NotebookError, match="Expected a notebook: which one this is, is not known here"):
        dsml.pipeline()


def test_many_cells_are_converted():
    pipeline = pipeline_of(notebook(*(f"x{at} = {at}\nx{at}" for at in range(5_000))), "many")
    assert pipeline.to_script().count("# %%") == 5_000


def test_attachments_are_left_behind():
    node = notebook({"md": "# Title\n![picture](attachment:a.png)"}, "x = 1")
    node.cells[0]["attachments"] = {"a.png": {"image/png": "iVBORw0KGgo="}}
    source = pipeline_of(node, "example").to_script()
    assert "iVBOR" not in source
    assert "# ![picture](attachment:a.png)" in source


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("%pip install 'rich>=13'", "rich>=13"),
        ("!pip install -q attrs", "attrs"),
        ("%conda install numpy", "numpy"),
    ],
)
def test_what_is_installed_is_a_requirement(line, requirement):
    assert pipeline_of(notebook(line, "x = 1"), "example").requirements == (requirement,)


def test_nothing_is_added_to_a_plain_notebook():
    source = "import math\n\nx = math.sqrt(2)"
    assert script(source).partition("# %%\n")[2] == f"{source}\n"
