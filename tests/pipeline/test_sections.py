"""A script is read back as the steps it was made of; and which steps must keep their order."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.analysis.ordering import dependencies_of, direct
from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.sections import read_script, script_from
from tests.pipeline.conftest import notebook

CELLS = [
    {"md": "# Title"},
    ("parameters", "depth = 3  # how deep\nnames = ['a', 'b']"),
    {"md": "## Data"},
    "import math\n%time x = math.pi",
    "y = x * 2",
    {"md": "## Data"},
    ("step:fit", "model = depth * y"),
]


def read(text, tmp_path):
    return script_from(text, tmp_path / "job.py")


def test_the_steps_of_a_converted_notebook_are_those_of_the_notebook(tmp_path):
    made = pipeline_of(notebook(*CELLS), "job")
    script = read(made.to_script(), tmp_path)
    assert [(s.name, s.title) for s in script.sections] == [(s.name, s.title) for s in made.steps]
    assert script.pipeline.parameters == made.parameters
    assert [len(step.cells) for step in script.pipeline.steps][1:] == [2, 1]


def test_sections_and_what_stands_above_are_the_whole_text(tmp_path):
    text = pipeline_of(notebook(*CELLS), "job").to_script()
    script = read(text, tmp_path)
    assert "\n".join([script.top.source, *(section.source for section in script.sections)]) == text
    lines = text.split("\n")
    assert all(lines[each.first_line - 1].startswith("# %% ") for each in script.sections)


def test_a_marker_inside_a_text_is_none(tmp_path):
    script = read("# %% One\ntext = '''\n# %% Two\n'''\n  # %% Three\n#%% Four\nx = 1\n", tmp_path)
    assert [section.name for section in script.sections] == ["one", "four"]


@pytest.mark.parametrize("text", ["x = 1\ny = 2", "", "# %%\nx = 1"])
def test_a_script_without_titles_is_one_step(text, tmp_path):
    assert [section.name for section in read(text, tmp_path).sections] == ["start"]


def test_what_is_no_script_is_told(tmp_path):
    with pytest.raises(NotebookError, match="got job.py, line 2: "):
        read("x = 1\ny = = 2\n", tmp_path)
    with pytest.raises(NotebookError, match="No such file"):
        read_script(tmp_path / "gone.py")
    (tmp_path / "bytes.py").write_bytes(b"\xff\xfe")
    with pytest.raises(NotebookError, match="no UTF-8"):
        read_script(tmp_path / "bytes.py")


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.text(max_size=20), st.sampled_from(["", "step:a", "step:b c"])), max_size=6))
def test_any_titles_come_back_as_the_same_steps(tmp_path_factory, headings):
    cells = [
        cell
        for title, tag in headings
        for cell in ({"md": f"## {title}"}, (tag, "x = 1") if tag else "x = 1")
    ]
    made = pipeline_of(notebook("y = 2", *cells), "job")
    found = script_from(made.to_script(), tmp_path_factory.getbasetemp() / "job.py").pipeline
    assert [step.name for step in found.steps] == [step.name for step in made.steps]


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
