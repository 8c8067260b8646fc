"""The report of a table with something of everything."""

import pytest
from asked import mixed

import dsml_magics as dsml


@pytest.fixture(scope="package")
def report():
    return dsml.profile(mixed(), target="status")
