"""Source is read in many threads at once, and refused where it is nested too deep."""

import ast
import sys
import threading
from pathlib import Path

import pytest
from nbformat import v4

from dsml_magics.command.tree import MAX_DEPTH, NestedTooDeep, tree_of
from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.sections import script_from
from dsml_magics.run.need import needs_of

pytestmark = pytest.mark.slow

SOURCE = "\n".join(
    f"def f{n}(a, b={n}):\n    return [a + b * (c - {n}) for c in range({n})]" for n in range(150)
)


def test_threads_read_source_together():
    expected, found, failures = ast.dump(ast.parse(SOURCE)), [], []

    def read():
        try:
            found.extend(ast.dump(tree_of(SOURCE)) == expected for _ in range(20))
        except SystemError as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, len(found), all(found)) == ([], 160, True)


def nested(kind, depth):
    return {
        "terms": lambda: "x = " + "+".join(["a"] * depth),
        "brackets": lambda: "x = " + "(" * depth + "1" + ")" * depth,
        "signs": lambda: "x = " + "-" * depth + "1",
        "calls": lambda: "x = a" + ".f()" * (depth // 2),
        "branches": lambda: "if a: pass\n" + "elif a: pass\n" * (depth // 2),
        "parts": lambda: "x = a" + "[0]" * depth,
        "lists": lambda: "x = " + "[" * (depth // 2) + "]" * (depth // 2),
        "choices": lambda: "x = " + "1 if a else " * depth + "2",
        "comparisons": lambda: "x = " + "(" * 150 + "a" + " < 1)" * 150,
        "arguments": lambda: "x = " + "f(" * 80 + "a" + ")" * 80,
        "lambdas": lambda: "x = " + "lambda: " * depth + "1",
    }[kind]()


@pytest.mark.parametrize("kind", ["terms", "brackets", "signs", "calls", "branches", "lambdas"])
@pytest.mark.parametrize("depth", [20_000, 200_000])
def test_what_python_cannot_read_is_a_syntax_error(kind, depth):
    with pytest.raises(SyntaxError):
        tree_of(nested(kind, depth))


@pytest.mark.parametrize(
    ("kind", "depth"),
    [
        ("terms", MAX_DEPTH + 1),
        ("signs", MAX_DEPTH),
        ("calls", MAX_DEPTH * 2),
        ("branches", MAX_DEPTH + 2),
        ("lambdas", MAX_DEPTH // 2 + 2),
    ],
)
def test_what_python_reads_but_we_cannot_work_with_is_refused_with_its_line(kind, depth):
    with pytest.raises(NestedTooDeep) as raised:
        tree_of(f"a = 1\n\n{nested(kind, depth)}")
    assert raised.value.lineno >= 3


@pytest.fixture
def shallow():
    """Python's own limit of frames: libraries of other tests raise it. A kernel has less of it left than a test."""
    before = sys.getrecursionlimit()
    sys.setrecursionlimit(950)
    yield
    sys.setrecursionlimit(before)


@pytest.mark.parametrize(
    "kind", ["terms", "signs", "calls", "branches", "parts", "lists", "choices", "comparisons", "arguments"]
)
def test_the_deepest_code_that_is_read_can_be_worked_with(kind, shallow):
    source = nested(kind, MAX_DEPTH - 10)
    assert tree_of(source).body
    pipeline = pipeline_of(v4.new_notebook(cells=[v4.new_code_cell(f"a = 1\n{source}")]), "deep")
    assert pipeline.graph.nodes
    assert needs_of(script_from(pipeline.to_script(), Path("deep.py")))
