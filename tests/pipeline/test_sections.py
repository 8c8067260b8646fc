"""A script is read back as the steps it was made of."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.errors import NotebookError
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
