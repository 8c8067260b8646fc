"""A block command around a script: `dsml COMMAND NAME -- train.py`."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SHELL = """
from contextlib import contextmanager
from dsml_magics.command.block import current
from dsml_magics.command.cli import main
from dsml_magics.command.registry import command

class Watching:
    def __init__(self, name): self.name, self.block = name, current()
    def __enter__(self): print("begin", self.name, len(self.block.source.splitlines()), self.block.origin)
    def __exit__(self, kind, error, trace): print("end", kind and kind.__name__, self.block.names().get("x"))

def watch(name: str, /) -> Watching:
    "Watch."
    return Watching(name)

command(watch)
raise SystemExit(main())
"""


@pytest.fixture
def dsml(tmp_path):
    def run(*words):
        environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
        return subprocess.run(
            [sys.executable, "-c", SHELL, *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            check=False,
        )

    return run


def test_the_script_runs_inside_the_context(dsml, tmp_path):
    (tmp_path / "train.py").write_text("import sys\nx = 3\nprint(__name__, sys.argv, __file__)\n")
    done = dsml("watch", "first", "--", "train.py", "--depth", "3")
    assert done.stdout.splitlines() == [
        "begin first 3 train.py",
        "__main__ ['train.py', '--depth', '3'] train.py",
        "end None 3",
    ]
    assert done.returncode == 0


def test_a_script_imports_what_stands_beside_it(dsml, tmp_path):
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "neighbour.py").write_text("value = 5\n")
    (tmp_path / "deep" / "train.py").write_text("from neighbour import value as x\n")
    assert "end None 5" in dsml("watch", "first", "--", "deep/train.py").stdout


def test_a_class_of_the_script_can_be_pickled(dsml, tmp_path):
    (tmp_path / "train.py").write_text(
        "import pickle\nclass A: ...\nprint(pickle.loads(pickle.dumps(A())).__class__ is A)\n"
    )
    assert "True" in dsml("watch", "first", "--", "train.py").stdout


def test_what_the_script_raises_passes_through_the_context(dsml, tmp_path):
    (tmp_path / "train.py").write_text("x = 1\n1 / 0\n")
    done = dsml("watch", "first", "--", "train.py")
    assert "end ZeroDivisionError 1" in done.stdout
    assert 'File "train.py", line 2' in done.stderr
    assert done.returncode == 1


def test_the_exit_code_of_the_script_is_kept(dsml, tmp_path):
    (tmp_path / "train.py").write_text("raise SystemExit(7)\n")
    assert dsml("watch", "first", "--", "train.py").returncode == 7


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["watch", "first"], "dsml: watch: expected a script to run, as in `dsml watch NAME -- train.py`.\n"),
        (["watch", "first", "--", "nowhere.py"], "dsml: watch: no script 'nowhere.py'.\n"),
    ],
)
def test_a_missing_script_is_said(dsml, words, said):
    done = dsml(*words)
    assert (done.returncode, done.stderr) == (2, said)


def test_a_script_nested_too_deep_is_refused_in_one_line(dsml, tmp_path):
    (tmp_path / "train.py").write_text("x = " + "+".join(["1"] * 20_000))
    done = dsml("watch", "a", "--", "train.py")
    assert done.returncode == 2
    assert done.stderr.strip().splitlines()[-1].startswith("dsml: watch: train.py: the code is nested deeper")
    assert "Traceback" not in done.stderr
