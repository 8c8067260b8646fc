"""Notebooks that cannot be read are refused in one line, and nothing is written."""

import json

import nbformat
import pytest

import dsml_magics as dsml
from dsml_magics.errors import FileNotWritten, NotebookError
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import notebook

CODE = {"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [], "execution_count": None}


def with_(**changes):
    return json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [CODE], **changes})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "is empty"),
        ("x = 1", "is not JSON (Expecting value: line 1 column 1"),
        ("[1]", "is other JSON: it has no `nbformat`"),
        ('{"a": 1}', "is other JSON: it has no `nbformat`"),
        (with_(nbformat=3), "Expected notebook format 4, got 3"),
        (with_(nbformat=5), "Expected notebook format 4, got 5"),
        (with_(cells=[]), "has no code cell with any"),
        (with_(cells=[{**CODE, "source": " \n"}]), "has no code cell with any"),
        (with_(cells=[{"cell_type": "code"}]), "cell 1 of 'bad' has no type or source"),
        (with_(cells=[{"source": "x"}]), "cell 1 of 'bad' has no type or source"),
        (with_(cells=[{**CODE, "source": [1]}]), "cell 1 of 'bad' has no type or source"),
        (with_(cells={"a": 1}), "its `cells` are no list of cells"),
        (with_(cells=[CODE, {**CODE, "metadata": []}]), "is damaged: its metadata cannot be read"),
        (
            with_(cells=[{**CODE, "metadata": {"tags": "parameters"}}]),
            "is damaged: its metadata cannot be read",
        ),
        (with_(metadata={"kernelspec": 3}), "is damaged: its metadata cannot be read"),
        (with_(metadata={"kernelspec": {"name": "ir", "language": "R"}}), "got R in"),
        (with_(metadata={"language_info": {"name": "julia"}}), "got julia in"),
        (with_(cells=[{**CODE, "source": "x ="}]), "code cell 1, line 1: expected Python, got `x =`"),
    ],
)
def test_a_bad_notebook_is_refused_in_one_line(tmp_path, text, said):
    path = tmp_path / "bad.ipynb"
    path.write_text(text)
    with pytest.raises(NotebookError) as caught:
        dsml.pipeline(path, to=tmp_path / "bad.py")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert [found.name for found in tmp_path.iterdir()] == ["bad.ipynb"]


def test_a_missing_notebook_is_named_with_the_nearest(saved, tmp_path):
    saved("x = 1", name="tour.ipynb")
    with pytest.raises(NotebookError, match=r"No notebook '.*tuor.ipynb'\. Did you mean 'tour.ipynb'\?"):
        dsml.pipeline(tmp_path / "tuor.ipynb")


def test_a_folder_and_a_binary_file_are_no_notebooks(tmp_path):
    (tmp_path / "binary.ipynb").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(NotebookError, match="is a folder"):
        dsml.pipeline(tmp_path)
    with pytest.raises(NotebookError, match="is not UTF-8 text"):
        dsml.pipeline(tmp_path / "binary.ipynb")


def test_a_notebook_that_does_not_name_its_language_is_python(saved):
    assert dsml.pipeline(saved("x = 1")).name == "example"


def test_raw_cells_are_dropped(tmp_path):
    node = notebook("x = 1")
    node.cells.append(nbformat.v4.new_raw_cell("boom"))
    nbformat.write(node, tmp_path / "raw.ipynb")
    assert "boom" not in dsml.pipeline(tmp_path / "raw.ipynb").to_script()


def test_a_script_that_cannot_be_written_is_an_error(saved, tmp_path):
    with pytest.raises(FileNotWritten):
        dsml.pipeline(saved("x = 1"), to=tmp_path / "no" / "folder.py")


TERMS, BRACKETS = "+".join(["1"] * 20_000), "(" * 200_000 + "1" + ")" * 200_000


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    "cell",
    [
        f"x = {TERMS}",
        f"x = {BRACKETS}",
        f"%%time\nx = {TERMS}",
        f"x = %time {TERMS}",
        f"%%timeit\n{TERMS}",
        "y = 1\nx = !echo {" + TERMS.replace("1", "y") + "}",
    ],
    ids=["terms", "brackets", "timed cell", "timed line", "repeated", "shell"],
)
def test_a_cell_nested_too_deep_is_one_line_that_names_it(cell):
    with pytest.raises(NotebookError, match=r"^example\.ipynb, code cell 2") as raised:
        pipeline_of(notebook("a = 1", cell), "example")
    assert len(str(raised.value)) < 400
