"""What can go wrong with input, through the shell: one clear error, exit code 2, and nothing half-written."""

import json
import threading
from pathlib import Path

import pandas as pd
import pytest
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.command.cli import main
from dsml_magics.errors import DsmlError, TableEmpty

GOOD = "a,b\n1,x\n2,y\n"


def refused(capsys, *words):
    """Run the shell command; return the error it prints, after checking that it wrote nothing."""
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}
    assert main([str(word) for word in words]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "Traceback" not in said.err
    lines = [line for line in said.err.splitlines() if not line.startswith("dsml: preparing ledgers")]
    assert 1 <= len(lines) <= 2
    after = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file() and path.suffix != ".db"}
    assert after == {path: content for path, content in before.items() if path.suffix != ".db"}
    return lines[0]


@pytest.fixture
def good(workdir):
    (workdir / "good.csv").write_text(GOOD)
    return workdir


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.csv", "", "Expected a table with columns, got an empty file"),
        ("no_rows.csv", "a,b\n", "Expected rows, got none in no_rows.csv (2 columns)"),
        ("ragged.csv", "a,b\n1,2\n3\n", "Expected a CSV file in 'ragged.csv'"),
        ("table.parquet", "not parquet at all", "Expected a Parquet file in 'table.parquet'"),
        ("table.jsonl", "{'a': 1}\n", "Expected a file of JSON lines"),
        ("table.xlsx", "", "Expected a file ending in .parquet"),
    ],
)
def test_a_bad_file_is_told(workdir, capsys, name, content, message):
    Path(name).write_text(content)
    assert message in refused(capsys, "profile", name, "--html", "p.html", "--json", "p.json")


def test_a_missing_file_is_told_with_the_nearest(good, capsys):
    assert "No file 'god.csv'. Did you mean 'good.csv'?" in refused(
        capsys, "profile", "god.csv", "--html", "p.html"
    )


def test_a_target_that_is_not_there_is_told_with_the_nearest(good, capsys):
    assert "No column 'B' in good.csv. Did you mean 'b'?" in refused(
        capsys, "profile", "good.csv", "--target", "B"
    )


def test_a_target_without_a_value_is_told(workdir, capsys):
    Path("t.csv").write_text("a,y\n1,\n2,\n")
    assert "Expected values in the target 'y', got 2 missing ones" in refused(
        capsys, "profile", "t.csv", "--target", "y"
    )


def test_a_column_without_a_value_is_pointed_out_not_refused(workdir):
    Path("t.csv").write_text("a,y\n1,\n2,\n")
    (insight,) = [found for found in dsml.profile("t.csv").insights if found.column == "y"]
    assert (insight.code, insight.severity) == ("all_missing", "high")
    assert "drop(" in insight.pandas


@pytest.mark.parametrize(
    ("frame", "error", "message"),
    [
        (pd.DataFrame(), TableEmpty, "Expected a table with columns, got none"),
        (pd.DataFrame({"a": []}), TableEmpty, "Expected rows, got none"),
    ],
)
def test_a_bad_frame_is_told(workdir, frame, error, message):
    with pytest.raises(error, match=message):
        dsml.profile(frame, html="p.html")
    assert not Path("p.html").exists()


def test_lists_and_dicts_in_cells_are_profiled(workdir):
    profile = dsml.profile(pd.DataFrame({"a": [[1], [1], [2, 3]], "b": [{"x": 1}, None, {"x": 2}]}))
    assert {name: (column.kind, column.distinct) for name, column in profile.columns.items()} == {
        "a": ("nested", 2),
        "b": ("nested", 2),
    }


def test_a_model_that_cannot_be_pickled_is_told(workdir):
    model = LogisticRegression().fit([[0.0], [1.0]], [0, 1])
    model.lock = threading.Lock()
    with pytest.raises(DsmlError, match="Expected a model that can be pickled, but model\\.lock cannot"):
        dsml.deploy(model, name="m", data=pd.DataFrame({"x": [0.0, 1.0]}).to_numpy())


def test_a_notebook_that_is_not_json_is_told(workdir, capsys):
    Path("nb.ipynb").write_text("print('hello')")
    message = refused(capsys, "pipeline", "nb.ipynb", "--to", "nb.py")
    assert "JSON" in message
    assert "nb.ipynb" in message


def test_a_notebook_of_another_kernel_is_told(workdir, capsys):
    content = {
        "cells": [],
        "metadata": {"kernelspec": {"name": "ir", "language": "R"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    Path("nb.ipynb").write_text(json.dumps(content))
    assert "R" in refused(capsys, "pipeline", "nb.ipynb", "--to", "nb.py")


def test_an_unreadable_ledger_is_told(good, capsys):
    Path("mlflow.db").write_bytes(b"this is no database" * 100)
    assert "Expected an MLflow database" in refused(capsys, "predict", "income", "good.csv", "--out", "o.csv")


def test_an_unwritable_report_is_told(good, capsys):
    assert "has no folder 'gone'" in refused(capsys, "profile", "good.csv", "--html", "gone/p.html")


def test_an_unknown_command_is_told_with_the_nearest(workdir, capsys):
    assert "no command 'profle'. Did you mean 'profile'?" in refused(capsys, "profle", "x.csv")
