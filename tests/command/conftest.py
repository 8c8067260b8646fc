"""Small real commands, registered for one test."""

from typing import Literal

import pytest

from dsml_magics.command import registry
from dsml_magics.command.arguments import Column, File, Frame


@pytest.fixture
def registered():
    """A function that registers commands until the test ends."""
    before = dict(registry.commands)

    def register(function):
        return registry.commands[registry.command(function).__name__]

    yield register
    registry._registry.clear()
    registry._registry.update(before)


@pytest.fixture
def compare(registered):
    """A command with every kind of argument; it returns what it was given."""

    def compare(
        data: Frame,
        other: Frame | None = None,
        /,
        *,
        target: Column | None = None,
        method: Literal["ks", "psi"] = "ks",
        bins: int = 10,
        cut: float = 0.5,
        exact: bool = False,
        columns: list[str] | None = None,
        out: File | None = None,
    ) -> dict:
        """Compare two tables.

        Parameters
        ----------
        data
            The first table.
        other
            The second table.
        target
            Column to be predicted.
        method
            Measure of distance.
        bins
            Number of bins.
        cut
            Distance to point out.
        exact
            Whether to count exactly.
        columns
            Columns to compare.
        out
            File to write.
        """
        return dict(locals())

    return registered(compare)
