"""Slices leave their names as the whole script does: both are run."""

import os
import pickle
import subprocess
import sys

import pytest

import dsml_magics as dsml
from dsml_magics.pipeline.cutting import sliced
from dsml_magics.pipeline.proof.bootstrap import COMMAND
from dsml_magics.pipeline.proof.comparing import differences_of
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline import traps_of_notebooks, traps_of_python
from tests.pipeline.conftest import ROOT, STEPS, notebook

pytestmark = pytest.mark.slow

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


@pytest.mark.parametrize("trap", [name for name in CASES if name not in LEFT])
def test_a_slice_leaves_its_name_as_the_whole_does(trap, tmp_path, request):
    if trap != "joblib":
        request.getfixturevalue("starts_are_cheap")
    pipeline = pipeline_of(notebook(*CASES[trap]), "trap")
    whole = names_after(pipeline.to_script(), pipeline.stand_ins, tmp_path / "whole")
    name = list(whole)[len(whole) // 2]
    slice_ = sliced(pipeline, [name])
    found = names_after(slice_.to_script(), pipeline.stand_ins, tmp_path / "slice")
    if wrong := differing(whole, found, name):
        again = names_after(pipeline.to_script(), pipeline.stand_ins, tmp_path / "again")
        wrong -= differing(whole, again, name)
    assert not wrong


def test_slices_are_proved(saved, tmp_path):
    path = saved(*STEPS)
    pipeline = dsml.pipeline(path, to=tmp_path / "out.py", verify=True, only=["score"])
    assert pipeline.proof.verdict == "equal", pipeline.proof
    assert "score" in dsml.pipeline(path, only=["score"], verify=True).proof.names
