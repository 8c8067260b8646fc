"""A notebook whose steps part and meet again, and what it must come to."""

import shutil
import sys

import nbformat
import pytest

import dsml_magics as dsml
from tests.export.environments import run
from tests.pipeline.conftest import ROOT, notebook

CELLS = [
    {"md": "# Sums of two sides"},
    {"md": "## Data"},
    (
        "parameters",
        "rows = 10  # How many\nfactor = 0.5\nlabel = 'a, b'\nloud = False\nweights = [1, 2]\nnothing = None",
    ),
    "import numpy as np\n\ndata = np.arange(rows)",
    {"md": "## Left side"},
    "left = int(data.sum())",
    {"md": "## Right side"},
    "right = factor * weights[-1] * int((data**2).sum())",
    {"md": "## Report"},
    "import json\n\nwith open('report.json', 'w') as file:\n"
    "    json.dump([left + right, label.upper() if loud else label, nothing], file)",
]
"""Of ten rows, the sides are 45 and 285."""

STEPS = ("data", "left-side", "right-side", "report")


@pytest.fixture
def sides(tmp_path):
    """The path of the notebook."""
    path = tmp_path / "work" / "sides.ipynb"
    path.parent.mkdir()
    nbformat.write(notebook(*CELLS), path)
    return path


@pytest.fixture
def tour(tmp_path, starts_with_libraries_are_cheap):
    """A function that exports the tour, and gives the folder and what a plain run of the script predicts."""

    def export(engine):
        work = tmp_path / "tour"
        work.mkdir()
        shutil.copy(ROOT / "notebooks/tour.ipynb", work)
        job = dsml.export(work / "tour.ipynb", engine=engine, to=tmp_path / "job").folder
        run([sys.executable, job / "tour.py"], work)
        return job, (work / "sexed.csv").read_bytes()

    return export


@pytest.fixture
def exported(sides, tmp_path, starts_are_cheap):
    """A function that exports it, and gives the folder."""

    def export(engine, **options):
        return dsml.export(sides, engine=engine, to=tmp_path / "job", **options).folder

    return export
