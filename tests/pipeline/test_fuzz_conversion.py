"""Whatever a cell holds, it becomes Python or one clear line."""

import ast
import json
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.reading import pipeline_of, read_pipeline
from tests.pipeline.conftest import notebook

WORDS = st.sampled_from(
    [
        "%time ", "%%time\n", "%%capture out\n", "%%bash\n", "!ls {x} $y", "x = !echo {x}", "%timeit -n 2 ", "%cd ..",
        "%env A=1", "%run a.py", "%%writefile f.txt\n", "?x", "x?", "display(x)", "await f()", "x = 1", "\n", "    ",
        "if x:\n", "for i in y: ", "def f():\n", "return x", "_", "Out[1]", "'''", '"', "# %%", ";", "%", "%%", "!", "\\\n",
        "import IPython", "from IPython.display import display", "plt.show()", "global x", "lambda: ", "(", ")", "\t", "é",
        "%dsml_profile x", "%%dsml_track a\n", "%matplotlib inline", "get_ipython().run_line_magic('time', 'x')", "yield",
    ]
)  # fmt: skip
KEYS = [
    "cells",
    "metadata",
    "source",
    "cell_type",
    "tags",
    "kernelspec",
    "nbformat",
    "execution_count",
    "outputs",
]
CELLS = st.lists(WORDS | st.text(max_size=12), max_size=8).map("".join)


@settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CELLS, min_size=1, max_size=3))
def test_any_cells_become_python_or_one_line(cells):
    try:
        pipeline = pipeline_of(notebook(*cells), "fuzz")
    except NotebookError as error:
        assert str(error)
        return
    ast.parse(pipeline.to_script())
    assert pipeline.graph.nodes is not None


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.just("code") | st.just("markdown"),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4),
    max_leaves=8,
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.dictionaries(st.sampled_from(KEYS), VALUES, max_size=4), VALUES)
def test_any_file_is_a_notebook_or_one_line(changes, cell):
    code = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": 1}
    content = {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [code, cell], **changes}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.ipynb"
        path.write_text(json.dumps(content), encoding="utf-8")
        try:
            ast.parse(read_pipeline(path).to_script())
        except NotebookError as error:
            assert "\n" not in str(error)
