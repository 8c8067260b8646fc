"""Scripts of notebooks with a trap of Python are proved to do what the notebook does."""

import pytest

from tests.pipeline.conftest import proved
from tests.pipeline.traps_of_python import TRAPS


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAPS)
def test_the_script_does_what_the_notebook_does(name, tmp_path, request):
    # Processes that are forked from one find their objects at the same addresses; joblib starts and ends its own.
    if "addresses" not in name and name != "joblib":
        request.getfixturevalue("starts_are_cheap")
    assert str(proved(tmp_path, TRAPS[name])).startswith("trap.py equals trap.ipynb: ")
