"""Columns of one value, with and without gaps."""

import dsml_magics as dsml


def codes_of(values):
    return {i.code: i for i in dsml.profile({"x": values, "z": [*"abcd"] * 100}).insights if i.column == "x"}


def test_a_constant_with_gaps_is_called_constant():
    found = codes_of(["on", None] * 200)
    assert found["constant"].evidence == {"value": "on", "rows": 200, "missing": 200}
    assert found["constant"].message == (
        "has only one value, on, in all 200 rows that have one: only whether it is missing may be informative"
    )


def test_one_line_treats_a_constant_with_gaps():
    found = codes_of(["on", None] * 200)
    assert found["constant"].pandas is None
    assert found["missing"].pandas == "df['x'] = df['x'].notna()"


def test_categories_are_merged_where_the_frequent_ones_are_most():
    assert codes_of([f"often {n % 20}" if n < 240 else f"rare {n % 80}" for n in range(400)])[
        "high_cardinality"
    ].pandas
    assert codes_of([f"c{n % 190}" for n in range(400)])["high_cardinality"].pandas is None


def test_a_constant_without_gaps_is_dropped():
    found = codes_of(["on"] * 400)
    assert found["constant"].pandas == "df = df.drop(columns=['x'])"
    assert "missing" not in found
