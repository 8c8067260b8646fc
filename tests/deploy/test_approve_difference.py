"""A model that answers otherwise than in the notebook is packaged if somebody approves that, which is written down."""

import pytest

import dsml_magics as dsml
from tests.deploy.conftest import Dice, X

pytestmark = pytest.mark.slow


def test_a_difference_can_be_approved_and_is_written_down(workdir):
    package = dsml.deploy(Dice(), name="dice", data=X, approve_difference=True)
    assert not package.proof.is_equal
    assert package.proof.approved_by
    assert "differs, approved by" in str(package)
    assert "Not equal to the notebook's model" in package.card
    dsml.check("dice")
