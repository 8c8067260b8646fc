"""The README's notebook session, run as it stands: in a real kernel, then converted and run as a script."""

import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pandas as pd
import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[1]
CELLS = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


@pytest.fixture
def tables(workdir, shared_data):
    """The files that the session names."""
    adult = pd.read_csv(shared_data / "adult.csv").head(4000)
    for name, rows in {
        "train": adult[:2000],
        "test": adult[2000:3000],
        "new": adult[3000:].drop(columns="income"),
    }.items():
        rows.to_csv(f"{name}.csv", index=False)
    return workdir


def test_the_session_has_at_least_ten_lines_and_every_command_of_the_first_release():
    assert len("".join(CELLS).splitlines()) >= 10
    assert all(f"%dsml_{name}" in "".join(CELLS) for name in ("profile", "track", "deploy", "predict"))


def test_the_session_runs_in_a_kernel(kernel, tables):
    for cell in CELLS:
        answer = kernel.run(cell)
        assert answer.status == "ok", answer.errors
    assert "1,000 rows scored with models:/income/1, written to scored.parquet" in answer.results[-1]
    assert list(pd.read_parquet("scored.parquet"))[-1] == "prediction"


def test_the_session_runs_as_a_script(tables):
    cells = [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells), "income.ipynb")
    for words in (["-m", "nbconvert", "--to", "dsml", "income.ipynb"], ["income.py"]):
        done = subprocess.run([sys.executable, *words], capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    assert len(pd.read_parquet("scored.parquet")) == 1000
