"""What a proof must notice: one bit of an answer, another type or shape."""

import numpy as np

from dsml_magics.deploy.path import _equal
from dsml_magics.deploy.prover import _difference

ANSWERS = np.array([0.1, np.nan, 3.0])


def test_one_unit_in_the_last_place_is_a_difference():
    other = ANSWERS.copy()
    other[2] = np.nextafter(3.0, 4.0)
    assert "differs in 1 of 3 values" in _difference("predict", ANSWERS, other)
    assert "in row 2" in _difference("predict", ANSWERS, other)
    assert not _equal(ANSWERS, other)
    assert _difference("predict", ANSWERS, ANSWERS.copy()) is None
    assert _equal(ANSWERS, ANSWERS.copy())


def test_another_type_or_shape_is_a_difference():
    for other in (ANSWERS.astype("float32"), ANSWERS.reshape(3, 1), ANSWERS[:2]):
        assert "instead of float64[3]" in _difference("predict", ANSWERS, other)
        assert not _equal(ANSWERS, other)
