"""Whatever a cell holds, it becomes Python or one clear line."""

import ast

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.reading import pipeline_of
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
CELLS = st.lists(WORDS | st.text(max_size=12), max_size=8).map("".join)


@settings(max_examples=600, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CELLS, min_size=1, max_size=3))
def test_any_cells_become_python_or_one_line(cells):
    try:
        pipeline = pipeline_of(notebook(*cells), "fuzz")
    except NotebookError as error:
        assert str(error)
        return
    ast.parse(pipeline.to_script())
    assert pipeline.graph.nodes is not None
