"""What is said of rows that break a contract."""

import numpy as np
import pyarrow as pa

from dsml_magics.package.violation import Checked, Violation

ROWS = pa.table({"age": [1, 2, 3, 4]})


def violation(column, rows, *, refused=True):
    return Violation(column, "range", "integer up to 2", "more", refused, np.array(rows))


def test_rows_that_break_nothing_are_answered():
    assert Checked(ROWS).refused.tolist() == [False] * 4
    assert Checked(ROWS).reasons() == {}
    assert Checked(ROWS).changed == set()


def test_refused_rows_have_all_their_reasons_in_order_of_the_rows():
    found = Checked(
        ROWS, (violation("job", [3, 0]), violation("age", [2, 3]), violation("size", [1], refused=False))
    )
    assert found.refused.tolist() == [True, False, True, True]
    age, job = (f"{name}: expected integer up to 2, got more" for name in ("age", "job"))
    assert list(found.reasons().items()) == [(0, job), (2, age), (3, f"{job}; {age}")]
