"""Small notebooks, the scripts they become, and both of them run."""

import json
import os
import subprocess
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from dsml_magics.pipeline.reading import pipeline_of

ROOT = Path(__file__).parents[2]


def notebook(*cells, **metadata):
    """Build a notebook: text is code, `(tag, text)` tagged code, `{"md": text}` markdown."""
    return v4.new_notebook(cells=[_cell(cell) for cell in cells], metadata=metadata)


def _cell(cell):
    if isinstance(cell, dict):
        return v4.new_markdown_cell(cell["md"])
    tag, source = cell if isinstance(cell, tuple) else (None, cell)
    return v4.new_code_cell(source, metadata={"tags": [tag]} if tag else {})


def script(*cells, **metadata):
    return pipeline_of(notebook(*cells, **metadata), "example").to_script()


def body(*cells):
    """Return a script from its first cell marker on."""
    return script(*cells).partition("# %%")[2].removeprefix("\n")


@pytest.fixture
def saved(tmp_path):
    def save(*cells, name="example.ipynb", **metadata):
        path = tmp_path / name
        nbformat.write(notebook(*cells, **metadata), path)
        return path

    return save


@pytest.fixture
def run(tmp_path, warm_python):
    """Run source with plain Python in an empty folder and return the finished process."""

    def run_script(source, *arguments, check=True):
        path = tmp_path / "example.py"
        path.write_text(source, encoding="utf-8")
        environment = {
            **os.environ,
            "PYTHONPATH": str(ROOT),
            "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/ledger.db",
            "PYTHONHASHSEED": "0",
            "PYTHONWARNINGS": "ignore",
        }
        command = [warm_python, str(path), *arguments]
        done = subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )
        assert not check or done.returncode == 0, done.stderr + source
        return done

    return run_script


@pytest.fixture
def result(run):
    """Run a notebook as a script and return what its name `result` ends as."""

    def result_of(*cells, arguments=()):
        source = script(*cells, "import json\nprint(json.dumps(result))")
        return json.loads(run(source, *arguments).stdout.splitlines()[-1])

    return result_of


def proved(folder, cells, **metadata):
    """Save a notebook as `trap.ipynb` and prove its script, with a real kernel and a real process."""
    from dsml_magics.pipeline.proof.verifying import verified

    path = folder / "trap.ipynb"
    nbformat.write(notebook(*cells, **metadata), path)
    return verified(path, None)


STEPS = [
    {"md": "# Title"},
    "import pandas as pd\nimport numpy as np",
    {"md": "## Data"},
    "df = pd.DataFrame({'a': [1, 2, 3], 'b': [2, 4, 7]})\nother = df.copy()  # kept apart",
    "df.describe()",
    "other['c'] = 1",
    {"md": "## Model"},
    "model = df.a.sum()",
    "# only for the other\nunused = other.c.sum()\nscore = model / 2",
    {"md": "## Report"},
    "print(score)\nopen('report.txt', 'w').write(str(score))",
]
