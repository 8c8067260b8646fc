"""Which steps must keep their order."""

from pathlib import Path

import pytest

from dsml_magics.pipeline.analysis.ordering import dependencies_of, direct
from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.sections import script_from
from tests.pipeline.conftest import notebook


def order(*sources):
    cells = [part for at, source in enumerate(sources) for part in ({"md": f"# S{at}"}, source)]
    return dependencies_of(pipeline_of(notebook(*cells), "job"))


def test_steps_wait_for_what_they_read():
    found = order("a = 1", "b = a", "c = a", "d = b + c")
    assert found == {"s0": (), "s1": ("s0",), "s2": ("s0",), "s3": ("s1", "s2")}


def test_what_is_reached_through_another_is_left_out():
    found = direct(order("a = 1", "b = a", "c = a + b"))
    assert found == {"s0": (), "s1": ("s0",), "s2": ("s1",)}


@pytest.mark.parametrize(
    "shared",
    [
        "open('a.txt', 'w').write('x')",
        "import random\nrandom.random()",
        "import os\nos.environ['A'] = '1'",
        "import matplotlib.pyplot as plt\nplt.style.use('ggplot')",
        "exec('x = 1')",
        "from nowhere import anything\nanything()",
    ],
)
def test_steps_that_share_an_effect_keep_their_order(shared):
    assert order(shared, shared)["s1"] == ("s0",)


def test_nothing_waits_for_a_heading_with_text_alone():
    text = "# %% Title\n# words\n\n# %% Set\nimport os\nos.environ['A'] = '1'\n\n# %% Use\nx = 1\n"
    found = dependencies_of(script_from(text, Path("job.py")).pipeline)
    assert found == {"set": (), "use": ("set",)}


def test_settings_hold_for_all_that_follows():
    assert order("import os\nos.environ['A'] = '1'", "x = 1")["s1"] == ("s0",)


def test_steps_that_read_one_file_may_go_side_by_side():
    assert order("import pandas as pd", "a = pd.read_csv('x.csv')", "b = pd.read_csv('x.csv')")["s2"] == (
        "s0",
    )
