"""A notebook that is run becomes a script beside it, which replaces nothing that others wrote."""

import nbformat
import pytest

import dsml_magics as dsml
from dsml_magics.errors import FileNotWritten
from tests.pipeline.conftest import notebook
from tests.run.conftest import fates


def write(path, value):
    cells = [("parameters", "depth = 3"), {"md": "# Then"}, f"open('out.txt', 'w').write(str({value}));"]
    nbformat.write(notebook(*cells), path)


def files(folder):
    return {path: path.is_file() and path.read_bytes() for path in folder.rglob("*")}


@pytest.mark.parametrize("text", [None, "print('by hand')\n"])
def test_a_dry_run_writes_nothing(workdir, text):
    write(workdir / "train.ipynb", 1)
    if text:
        (workdir / "train.py").write_text(text)
    before = files(workdir)
    job = dsml.run("train.ipynb", dry_run=True, param=["depth=4"], state="else/where")
    assert fates(job) == {"start": "runs", "then": "runs"}
    assert files(workdir) == before


def test_a_dry_run_of_what_was_run_writes_nothing(workdir):
    write(workdir / "train.ipynb", 1)
    dsml.run("train.ipynb")
    before = files(workdir)
    assert fates(dsml.run("train.ipynb", dry_run=True, resume=True)) == {"start": "kept", "then": "kept"}
    assert files(workdir) == before


def test_a_script_written_by_hand_is_not_replaced(workdir):
    write(workdir / "train.ipynb", 1)
    (workdir / "train.py").write_text("print('by hand')\n")
    with pytest.raises(FileNotWritten, match=r"written or changed by hand. Run it with `dsml run train.py`"):
        dsml.run("train.ipynb")
    assert (workdir / "train.py").read_text() == "print('by hand')\n"
    assert not (workdir / "out.txt").exists()


def test_a_converted_script_changed_by_hand_is_not_replaced(workdir):
    write(workdir / "train.ipynb", 1)
    dsml.run("train.ipynb")
    changed = (workdir / "train.py").read_text() + "print('by hand')\n"
    (workdir / "train.py").write_text(changed)
    write(workdir / "train.ipynb", 2)
    with pytest.raises(FileNotWritten):
        dsml.run("train.ipynb")
    assert (workdir / "train.py").read_text() == changed


def test_the_script_follows_its_notebook(workdir):
    write(workdir / "train.ipynb", 1)
    dsml.run("train.ipynb")
    write(workdir / "train.ipynb", 2)
    dsml.run("train.ipynb")
    assert (workdir / "out.txt").read_text() == "2"


def test_a_script_converted_before_is_taken(workdir):
    write(workdir / "train.ipynb", 1)
    dsml.pipeline("train.ipynb", to="train.py")
    dsml.run("train.ipynb")
    assert (workdir / "out.txt").read_text() == "1"
