"""The script as a whole: its style, how it is exported, and that it tracks as the notebook does."""

import os
import subprocess
import sys

import pytest

import dsml_magics as dsml
from tests.pipeline.conftest import ROOT, script

pytestmark = pytest.mark.slow

TIDY = [
    {"md": "# Tidy\n\nText above.\n\nMore."},
    "%load_ext dsml_magics\n%matplotlib inline",
    {"md": "## Imports"},
    "from __future__ import annotations\n\nimport numpy as np\n\nnp.zeros(1)",
    (
        "parameters",
        'depth = 3  # Says "yes" or \'no\'\nrate = 0.1\nverbose = False  # It\'s\nlayers = [1]  # Say "a"\nlong_name = None',
    ),
    "def area(r):\n    return 3.14 * r**2",
    "# A comment\nclass Circle:\n    r = 1",
    "for r in range(3):\n    %time print(area(r), Circle.r)",
    "display(1)\n%run other.py\nprint(get_ipython())",
    "%%dsml_track first\nx = 1",
    "import asyncio\n\nawait asyncio.sleep(0)",
]

HELPERS = [
    "import IPython\nfrom IPython.display import HTML as H\nfrom IPython.display import clear_output, display",
    "r = %timeit -o -n 3 1 + 1",
    "y = %time (1, 2)",
    "1 + 1",
    "_ + Out[4]",
    "%cd ..\n%env A=3",
    "%%capture out\nprint(1)\n!ls",
    'x = !ls\nx.grep("a")',
    "%%bash --out z\necho",
    "%%writefile x.py\na",
    "%run x.py\nprint(get_ipython(), H, y, r, IPython.display.HTML)\ndisplay(3)\nclear_output()",
    ("parameters", "a = [1]"),
    "import asyncio\n\nawait asyncio.sleep(0)",
    "from IPython.core.interactiveshell import InteractiveShell",
]


@pytest.mark.parametrize(
    "cells",
    [
        TIDY,
        HELPERS,
        [*HELPERS, "globals()"],
        TIDY[:6],
        TIDY[2:4],
        TIDY[1:6],
        TIDY[4:5],
        TIDY[5:],
        ["import os\n\nprint(os)"],
    ],
)
def test_what_is_generated_passes_ruff(tmp_path, cells):
    path = tmp_path / "tidy.py"
    path.write_text(script(*cells))
    for words in (["check"], ["format", "--diff"]):
        done = subprocess.run(
            [sys.executable, "-m", "ruff", *words, "--isolated", "--no-cache", str(path)],
            cwd=tmp_path,  # beside our own sources, dsml_magics would be sorted as first-party
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == 0, done.stdout + done.stderr


def export(path, *options):
    return subprocess.run(
        [
            sys.executable,
            "-m",
            "nbconvert",
            "--to",
            "dsml_magics.pipeline.exporter.DsmlExporter",
            str(path),
            *options,
        ],
        cwd=path.parent,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        check=False,
        text=True,
    )


def test_nbconvert_writes_what_the_command_writes(saved, tmp_path):
    path = saved({"md": "# Title"}, ("parameters", "a = 1"), "%prun a", name="tour.ipynb")
    done = export(path)
    assert done.returncode == 0, done.stderr
    assert "code cell 2: `%prun` is not measured" in done.stderr
    dsml.pipeline(path, to=tmp_path / "other.py")
    assert (tmp_path / "tour.py").read_text() == (tmp_path / "other.py").read_text()


def test_nbconvert_takes_the_options_of_the_command(saved, tmp_path):
    path = saved("a = 1", "b = 2", "print(a)", name="tour.ipynb")
    done = export(path, "--DsmlExporter.only=b", "--DsmlExporter.lean=True")
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "tour.py").read_text().partition("# %%\n")[2] == "b = 2\n"


def test_nbconvert_says_what_cannot_be_converted_and_writes_nothing(saved, tmp_path):
    done = export(saved("%nope", name="tour.ipynb"))
    assert done.returncode == 1
    assert (
        done.stderr.rstrip()
        .splitlines()[-1]
        .endswith("Write it in Python, or keep it with --keep-magics: the script then needs IPython.")
    )
    assert not (tmp_path / "tour.py").exists()


def test_a_script_runs_without_ipython(result):
    cells = ["%time x = 1\n!true", "%%capture\nprint(1)", "import sys\nresult = 'IPython' in sys.modules"]
    assert result(*cells) is False


def test_a_tracked_cell_is_recorded_by_the_script(result):
    cells = [
        ("parameters", "rate = 0.5"),
        "%%dsml_track half\nfrom math import sqrt\nscore = sqrt(rate)",
        "run = dsml.runs()[0]",
        "result = [run.name, run.state, run.metrics['score']]",
    ]
    assert result(*cells, arguments=["--rate", "0.25"]) == ["half", "finished", 0.5]
