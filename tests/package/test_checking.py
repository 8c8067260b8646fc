"""Values at the edges of a contract, and what is said of those beyond."""

import datetime as dt
import math

import pyarrow as pa
import pytest

from dsml_magics.errors import ColumnNotFound
from dsml_magics.package.checking import check
from dsml_magics.package.contract import Contract, Rule

CONTRACT = Contract(
    (
        Rule("count", "integer", nullable=False, min=-3, max=7),
        Rule("size", "number", nullable=False, min=0.5, max=2.5),
        Rule("free", "number"),
    )
)
GOOD = {"count": 1.0, "size": 1.0, "free": 1.0}


def said(**odd):
    row = {**GOOD, **odd}
    table = pa.table({name: pa.array([value, GOOD[name]], pa.float64()) for name, value in row.items()})
    return [(each.column, each.what, each.rows.tolist()) for each in check(table, CONTRACT).violations]


@pytest.mark.parametrize("value", [math.nan, None])
def test_nothing_in_a_column_that_must_not_be_missing(value):
    assert said(size=value) == [("size", "missing", [0])]
    assert said(count=value) == [("count", "missing", [0])]
    assert said(free=value) == []


@pytest.mark.parametrize("value", [math.inf, -math.inf])
def test_infinity_is_no_whole_number(value):
    assert ("count", "type", [0]) in said(count=value)
    assert said(size=value) == [("size", "range", [0])]


def test_the_ends_of_a_range_are_in_it():
    for name, least, most in (("count", -3, 7), ("size", 0.5, 2.5)):
        assert said(**{name: least}) == said(**{name: most}) == []
    assert said(count=-4) == said(count=8) == [("count", "range", [0])]
    assert said(size=math.nextafter(2.5, 3)) == said(size=math.nextafter(0.5, 0)) == [("size", "range", [0])]


def checked(values, **rule):
    """Check a column; return its values, and what was said: what, got, whether refused, and which rows."""
    column = values if isinstance(values, pa.Array | pa.ChunkedArray) else pa.array(values)
    found = check(pa.table({"a": column}), Contract((Rule("a", **rule),)))
    said = [(each.what, each.got, each.refused, each.rows.tolist()) for each in found.violations]
    return found.rows.column("a").to_pylist(), said


def test_a_missing_column_is_told_with_the_nearest():
    contract = Contract((Rule("age"), Rule("job")))
    with pytest.raises(ColumnNotFound, match=r"the column 'job' .* got none\. Did you mean 'jab'\?"):
        check(pa.table({"age": [1], "jab": [2]}), contract)


def test_only_columns_that_were_changed_are_named():
    contract = Contract(
        (Rule("a", "integer"), Rule("b", "integer"), Rule("c", "integer", max=5, policy="clip"))
    )
    batch = pa.record_batch({"c": [9], "b": ["2"], "a": [1]})
    found = check(batch, contract)
    assert (found.rows.to_pylist(), found.changed) == ([{"a": 1, "b": 2, "c": 5}], {"b", "c"})


def test_a_column_in_several_parts_is_checked_as_one():
    found = check(
        pa.table({"a": pa.chunked_array([["x"], ["y", "z"]])}),
        Contract((Rule("a", "string", categories=("y",)),)),
    )
    assert found.refused.tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("type_", "texts", "expected", "wrong"),
    [
        ("integer", ["1", " 2 ", "3.0", "3.5", "x", "inf"], [1, 2, 3, None, None, None], [3, 4, 5]),
        ("integer", ["9007199254740993"], [9007199254740993], []),
        ("number", ["1", "-1e3", "inf", "x"], [1.0, -1000.0, math.inf, None], [3]),
        ("boolean", ["true", "False", " TRUE", "1", "yes"], [True, False, True, None, None], [3, 4]),
        (
            "datetime",
            ["2020-01-02", "2020-01-02 03:04:05.000006", "soon"],
            [dt.datetime(2020, 1, 2), dt.datetime(2020, 1, 2, 3, 4, 5, 6), None],
            [2],
        ),
        ("datetime", ["2020-01-02T03:04:05+02:00"], [dt.datetime(2020, 1, 2, 1, 4, 5)], []),
        ("datetime", ["soon", "later"], [None, None], [0, 1]),
        ("date", ["2020-01-02", "soon"], [dt.date(2020, 1, 2), None], [1]),
        ("date", ["soon"], [None], [0]),
        ("time", ["12:00"], [None], [0]),
    ],
)
def test_texts_are_read_as_what_is_expected(type_, texts, expected, wrong):
    """Empty texts, as files have them, and nothing are no values of a wrong type."""
    said = [("type", "string", True, wrong)] if wrong else []
    assert checked(texts, type=type_) == (expected, said)
    if type_ != "time":
        assert checked([*texts, "", " ", None], type=type_) == ([*expected, None, None, None], said)


@pytest.mark.parametrize("policy", ["refuse", "warn", "clip"])
def test_another_type_is_refused_whatever_the_policy(policy):
    said = [("type", "boolean", True, [0, 2])]
    assert checked([True, None, False], type="integer", max=1, policy=policy) == ([None, None, None], said)
    assert checked(["x", "3"], type="integer", nullable=False, max=1, policy=policy)[1][0] == (
        "type",
        "string",
        True,
        [0],
    )


@pytest.mark.parametrize(
    ("expected", "values", "got"),
    [
        ("string", [1.5], "number"),
        ("time", [1], "integer"),
        ("boolean", [1], "integer"),
        ("date", [dt.datetime(2020, 1, 1)], "datetime"),
        ("number", [b"x"], "binary"),
        ("integer", [[1]], "any"),
    ],
)
def test_values_of_a_wrong_type_are_not_passed_on(expected, values, got):
    assert checked(values, type=expected) == ([None], [("type", got, True, [0])])


@pytest.mark.parametrize(
    ("type_", "values"),
    [
        ("number", [1, 2]),
        ("datetime", [dt.date(2020, 1, 1)]),
        ("any", [1, 2]),
        ("any", ["x"]),
        ("integer", [1.0, 2.0]),
        ("time", [dt.time(1)]),
    ],
)
def test_a_type_that_is_part_of_another_is_left_as_it_is(type_, values):
    assert checked(values, type=type_) == (values, [])


@pytest.mark.parametrize(
    ("type_", "arrow"),
    [
        ("integer", pa.int64()),
        ("number", pa.float64()),
        ("boolean", pa.bool_()),
        ("string", pa.string()),
        ("datetime", pa.timestamp("us")),
        ("date", pa.date32()),
        ("any", pa.null()),
        ("time", pa.null()),
    ],
)
def test_a_column_of_nothing_has_the_type_of_its_rule(type_, arrow):
    found = check(pa.table({"a": [None, None]}), Contract((Rule("a", type_),)))
    assert (found.rows.column("a").type, found.violations) == (arrow, ())
    for policy in ("refuse", "warn"):
        said = checked([None, None], type=type_, nullable=False, policy=policy)[1]
        assert said == [("missing", "nothing", True, [0, 1])]


@pytest.mark.parametrize("type_", ["time", "duration", "binary"])
def test_a_column_of_texts_that_none_can_read_stays_one_of_texts(type_):
    found = check(pa.table({"a": ["x", None]}), Contract((Rule("a", type_),)))
    assert (found.rows.column("a").type, found.refused.tolist()) == (pa.string(), [True, False])


def test_what_was_told_of_a_row_is_not_told_again_as_missing_or_unknown():
    assert checked(["x", None], type="integer", nullable=False)[1] == [
        ("type", "string", True, [0]),
        ("missing", "nothing", True, [1]),
    ]
    assert checked([1, 5, 9], type="integer", max=5, categories=(1, 2))[1] == [
        ("range", "more", True, [2]),
        ("category", "an unknown category", True, [1]),
    ]


def test_a_row_is_told_what_its_rule_expects():
    found = check(pa.table({"count": ["x"], "size": [9.0], "free": [1]}), CONTRACT)
    assert found.reasons() == {
        0: "count: expected integer from -3 to 7, got string; size: expected number from 0.5 to 2.5, got more"
    }


def test_a_value_may_miss_both_ends_of_a_range():
    said = [("range", "less", True, [0]), ("range", "more", True, [3])]
    assert checked([1, 2, None, 6], type="integer", min=2, max=5) == ([1, 2, None, 6], said)


@pytest.mark.parametrize("policy", ["warn", "clip"])
def test_what_is_not_refused_is_told_all_the_same(policy):
    said = [("range", "less", False, [0]), ("range", "more", False, [3])]
    kept = [1.0, 2.0, None, 6.0] if policy == "warn" else [2.0, 2.0, None, 5.0]
    assert checked([1.0, 2.0, None, 6.0], type="number", min=2, max=5, policy=policy) == (kept, said)


def test_nothing_is_not_clipped_to_a_value():
    values, said = checked([math.nan, 9.0, 1.0], type="number", min=2, max=5, policy="clip")
    assert str(values) == "[nan, 5.0, 2.0]"
    assert [rows for *_, rows in said] == [[2], [1]]


@pytest.mark.parametrize(
    ("values", "rule", "expected"),
    [
        (pa.array([1, 9], pa.int8()), {"type": "integer", "min": 2, "max": 5}, pa.array([2, 5], pa.int8())),
        (pa.array([1, 9], pa.int8()), {"type": "integer", "min": 200}, pa.array([200, 200])),
        (pa.array([1, 9]), {"type": "number", "min": 2.5, "max": 5}, pa.array([2.5, 5.0])),
        (pa.array([9, 1]).dictionary_encode(), {"type": "integer", "max": 3}, pa.array([3, 1])),
        (
            pa.array([dt.date(2020, 1, 1), dt.date(2022, 1, 1)]),
            {"type": "date", "min": "2020-06-01", "max": "2021-06-01"},
            pa.array([dt.date(2020, 6, 1), dt.date(2021, 6, 1)]),
        ),
    ],
)
def test_a_clipped_value_is_the_end_of_the_range(values, rule, expected):
    found = check(pa.table({"a": values}), Contract((Rule("a", policy="clip", **rule),)))
    assert found.rows.column("a").combine_chunks() == expected


@pytest.mark.parametrize(
    ("values", "limit", "beyond"),
    [
        ([2**62, 2**62 + 1], 2**62, [1]),
        ([2**53, 2**53 + 1, 2**53 + 4], 2.0**53, [2]),
        ([2**63 - 1, 5], 2**63, []),
        ([5, -5], 2**64, []),
        (pa.array([2**64 - 1, 5], pa.uint64()), 10, [0]),
    ],
)
def test_large_whole_numbers_are_compared(values, limit, beyond):
    """As they are with a whole number that fits; else as floats."""
    said = checked(values, type="integer", max=limit)[1]
    assert [rows for *_, rows in said] == ([beyond] if beyond else [])


NOON = dt.datetime(2020, 1, 1, 12)


@pytest.mark.parametrize(
    ("values", "limit", "beyond"),
    [
        (pa.array([NOON]), "2020-01-01T12:00:00", False),
        (pa.array([NOON]), "2020-01-01T11:59:59.999999", True),
        (pa.array([NOON]), "2020-01-01", True),
        (pa.array([NOON.date()]), "2020-01-01T00:00:00", False),
        (pa.array([NOON.date()]), "2019-12-31", True),
        # A limit without a time zone is in UTC; where the values have none, that of the limit is left out.
        (pa.array([NOON.replace(tzinfo=dt.UTC)]), "2020-01-01T12:00:00", False),
        (pa.array([NOON.replace(tzinfo=dt.UTC)]), "2020-01-01T11:59:00", True),
        (pa.array([NOON.replace(tzinfo=dt.UTC)]), "2020-01-01T13:30:00+02:00", True),
        (pa.array([NOON.replace(tzinfo=dt.UTC)]), "2020-01-01T14:00:00+02:00", False),
        (pa.array([NOON]), "2020-01-01T12:00:00+02:00", False),
        (pa.array([NOON], pa.timestamp("s")), "2020-01-01T12:00:00.5", False),
    ],
)
def test_moments_are_compared_with_the_end_of_a_range(values, limit, beyond):
    type_ = "date" if pa.types.is_date(values.type) else "datetime"
    assert [what for what, *_ in checked(values, type=type_, max=limit)[1]] == (["range"] if beyond else [])


@pytest.mark.parametrize(
    ("values", "rule", "unknown"),
    [
        (["a", None, "z"], {"type": "string", "categories": ("a",)}, [2]),
        (["a", None], {"type": "string", "categories": ("a", "b")}, []),
        (pa.array(["z", "a"], pa.string_view()), {"type": "string", "categories": ("a",)}, [0]),
        ([1, 3], {"type": "integer", "categories": (1, 2)}, [1]),
        (["1", "3"], {"type": "integer", "categories": (1, 2)}, [1]),
        # Categories of another type are no values of the column.
        ([1, 3], {"type": "integer", "categories": ("a",)}, [0, 1]),
        (["a"], {"type": "string", "categories": ()}, [0]),
        ([None, None], {"categories": ("a",)}, []),
    ],
)
def test_only_the_categories_are_taken(values, rule, unknown):
    for policy in ("refuse", "warn"):
        said = [("category", "an unknown category", policy == "refuse", unknown)] if unknown else []
        assert checked(values, policy=policy, **rule)[1] == said
