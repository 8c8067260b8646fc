"""One name is a parameter or a metric throughout an experiment."""

import numpy as np

from tests.track.cells import metrics, run_cell


def test_the_first_role_of_a_name_is_kept_unless_the_user_says_otherwise(workdir):
    first = run_cell("rate = 0.5\nlevel = float(np.mean([1.5]))\n", {"np": np})
    assert (first.data.params, metrics(first)) == ({"rate": "0.5"}, {"level": 1.5})
    second = run_cell("rate = float(np.mean([2.5]))\nlevel = 3.5\n", {"np": np})
    assert (second.data.params, metrics(second)) == ({"rate": "2.5"}, {"level": 3.5})
    said = run_cell("rate = 0.25\n", {}, params=[], metrics=["rate"])
    assert (said.data.params, metrics(said)) == ({}, {"rate": 0.25})
    other = run_cell("rate = float(np.mean([2.5]))\n", {"np": np}, experiment="another")
    assert (other.data.params, metrics(other)) == ({}, {"rate": 2.5})
