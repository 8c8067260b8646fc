"""From a step on everything runs; what stands before it is taken as it was left."""

import pytest

import dsml_magics as dsml
from dsml_magics.errors import UsageError
from tests.run.conftest import again, ran


def test_from_a_step_on_everything_runs(done):
    assert again(from_="Right") == {"right": "from right on", "report": "from right on"}
    assert set(ran(dsml.run("job.py", from_="left"))) == {"left", "right", "report"}


def test_what_stands_before_is_taken_as_it_is_unless_it_is_to_be_looked_at(done):
    (done / "data.csv").write_text("x\n100\n")
    assert set(ran(dsml.run("job.py", from_="report"))) == {"report"}
    assert set(again(from_="report")) == {"data", "left", "right", "report"}


def test_a_step_to_begin_at_that_is_not_there_is_told(job):
    with pytest.raises(UsageError, match=r"a step of job\.py"):
        dsml.run("job.py", from_="nothing like it")


def test_a_step_to_begin_at_needs_what_stands_before_it(job):
    with pytest.raises(UsageError, match="has not run here"):
        dsml.run("job.py", from_="left")
