"""Lean scripts leave out what only shows something."""

import pytest

import dsml_magics as dsml
from dsml_magics.pipeline.cutting import lean
from dsml_magics.pipeline.exporter import DsmlExporter
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import STEPS, notebook


def test_a_lean_script_lists_what_it_leaves_out():
    pipeline = lean(pipeline_of(notebook(*STEPS, "df.sample(2)", "df.plot()"), "example"))
    assert pipeline.warnings[-1] == "left out, as they only show something: code cells 3, 9."
    source = pipeline.to_script()
    assert "describe" not in source
    # It draws random numbers, so what comes after may depend on it.
    assert "df.sample(2)" in source


@pytest.mark.parametrize("is_lean", [False, True])
def test_the_option_leaves_them_out_in_both_ways_to_a_script(saved, is_lean):
    path = saved(*STEPS)
    written = dsml.pipeline(path, lean=is_lean).to_script()
    assert ("describe" in written) is not is_lean
    assert DsmlExporter(lean=is_lean).from_filename(str(path))[0] == written


def test_lean_scripts_are_proved(saved, tmp_path):
    pipeline = dsml.pipeline(saved(*STEPS), to=tmp_path / "out.py", verify=True, lean=True)
    assert pipeline.proof.verdict == "equal", pipeline.proof
