"""Scripts of notebooks with a trap of IPython are proved to do what the notebook does."""

import ast

import pytest

from tests.pipeline.conftest import proved, script
from tests.pipeline.traps_of_notebooks import TRAPS


@pytest.mark.slow
@pytest.mark.parametrize("name", TRAPS)
def test_the_script_does_what_the_notebook_does(name, request, tmp_path):
    is_project = "MLflow" in name or "tracked" in name
    request.getfixturevalue("starts_with_libraries_are_cheap" if is_project else "starts_are_cheap")
    assert str(proved(tmp_path, TRAPS[name])).startswith("trap.py equals trap.ipynb: ")


@pytest.mark.parametrize("name", TRAPS)
def test_the_script_needs_no_ipython(name):
    tree = ast.parse(script(*TRAPS[name]))
    imported = {
        alias.name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for alias in node.names
    }
    assert not imported & {"IPython", "ipykernel", "jupyter"}
