"""Names that a script reads and nothing binds."""

import subprocess
import sys

import pytest

from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.unbound import unbound_names
from tests.pipeline.conftest import notebook

SOURCES = {
    "a module's names": ("import os\nx = y + 1\nprint(os.sep, __file__)", ["y"]),
    "functions": ("def f(a):\n    global g\n    g = 1\n    return a + z\nprint(g)", ["z"]),
    "comprehensions": ("x = [i for i in [1] if i > n]\nlen(b for b in x)", ["n"]),
    "classes": ("class A:\n    q = w\n    def m(self): return q", ["q", "w"]),
    "errors and files": ("try: pass\nexcept E as e: e\nwith open(v) as fh: fh", ["E", "v"]),
    "lambdas and defaults": ("f = lambda t, u=d: t + s", ["d", "s"]),
    "what is deleted is bound": ("a = 1\ndel a", []),
    "later definitions": ("def f(): return g()\ndef g(): return 1", []),
    "assignment expressions": ("if (n := 3) > 2: print(n)", []),
    "nested functions": ("def f():\n    def g(): return h\n    h = 1\n    return g", []),
    "a star": ("from math import *\nprint(pi, nowhere)", []),
    "globals": ("globals()['a'] = 1\nprint(a)", []),
    "exec": ("exec('a = 1')\nprint(a)", []),
}


@pytest.mark.parametrize(("source", "expected"), SOURCES.values(), ids=SOURCES)
def test_what_nothing_binds_is_listed(source, expected):
    assert unbound_names(source) == expected


@pytest.mark.parametrize("source", [source for source, expected in SOURCES.values() if expected])
def test_the_linter_finds_the_same(source, tmp_path):
    (tmp_path / "a.py").write_text(source)
    words = [
        sys.executable,
        "-m",
        "ruff",
        "check",
        "--isolated",
        "--select",
        "F821",
        "--output-format",
        "concise",
        "a.py",
    ]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True)
    found = {line.split("`")[1] for line in done.stdout.splitlines() if "F821" in line}
    assert found == set(unbound_names(source))


def test_a_notebook_that_reads_what_nothing_binds_is_warned_of():
    pipeline = pipeline_of(notebook("x = 1", "print(x, forgotten)", "display(x)\n!true\n_"), "example")
    assert [warning for warning in pipeline.warnings if "binds" in warning] == [
        "nothing in the notebook binds `forgotten`, which it reads: the script stops there. Define it, or delete that code."
    ]
