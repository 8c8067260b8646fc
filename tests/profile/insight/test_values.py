"""Columns of one value, with and without gaps."""

import dsml_magics as dsml


def codes_of(values):
    return {i.code: i for i in dsml.profile({"x": values, "z": [*"abcd"] * 100}).insights if i.column == "x"}


def test_a_constant_with_gaps_is_called_constant():
    found = codes_of(["on", None] * 200)
    assert found["constant"].evidence == {"value": "on", "rows": 200, "missing": 200}
    assert found["constant"].message == (
        "has only one value, on, in all 200 rows that have one: only whether it is missing may tell something"
    )


def test_one_line_treats_a_constant_with_gaps():
    found = codes_of(["on", None] * 200)
    assert found["constant"].pandas is None
    assert found["missing"].pandas == "df['x'] = df['x'].notna()"


def test_a_constant_without_gaps_is_dropped():
    found = codes_of(["on"] * 400)
    assert found["constant"].pandas == "df = df.drop(columns=['x'])"
    assert "missing" not in found
