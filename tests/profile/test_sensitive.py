"""Columns that say who people are."""

import unicodedata

import pytest

from dsml_magics.profile.column import Column
from dsml_magics.profile.sensitive import is_age, is_sensitive


def words(name, values=("a", "b")):
    return Column(
        name, "categorical", "string", 10, 0, len(values), top=tuple((value, 1) for value in values)
    )


def ages(name, low=18, high=90, kind="numeric"):
    percentiles = tuple(low + (high - low) * n / 100 for n in range(101))
    return Column(name, kind, "int64", 10, 0, 50, min=low, max=high, percentiles=percentiles)


@pytest.mark.parametrize(
    "name",
    [
        "sex",
        "SEX",
        "Gender",
        "gender_code",
        "userGender",
        "GENDER2",
        "race",
        "ethnicity",
        "ethnic-group",
        "Nationality",
        "native_country",
        "countryCode",
        "religion",
        "disability",
        "isDisabled",
        "marital.status",
        "maritalStatus",
        "MARITAL",
        "civil_status",
        "date_of_birth",
        "BirthYear",
        "dob",
        "성별",
        "고객성별",
        "성별코드",
        "국적",
        "인종",
        "종교",
        "장애여부",
        "결혼여부",
        "혼인상태",
        "생년월일",
        "출생연도",
        "배우자유무",
    ],
)
def test_a_name_that_says_who_people_are(name):
    assert is_sensitive(words(name))
    assert is_sensitive(words(unicodedata.normalize("NFD", name)))


@pytest.mark.parametrize(
    "name",
    [
        "package",
        "essex",
        "Sussex",
        "page",
        "image",
        "usage",
        "agent",
        "stage",
        "message",
        "bracelet",
        "embrace",
        "terrace",
        "race_time",
        "trace",
        "grace",
        "sexton",
        "countryside",
        "disablement",
        "counter",
        "height",
        "나이키",
        "장애시간",
        "성별화",
        "결혼식장",
        "status",
        "order_date",
        "passage",
    ],
)
def test_a_name_that_only_looks_so(name):
    assert not is_sensitive(words(name))


@pytest.mark.parametrize(
    "name",
    [
        "age",
        "Age",
        "AGE",
        "age_years",
        "ageGroup",
        "customer_age",
        "age2",
        "나이",
        "연령",
        "연령대",
        "고객나이",
    ],
)
def test_ages_of_people(name):
    assert is_age(ages(name))
    assert is_sensitive(ages(name))


@pytest.mark.parametrize(
    "name", ["HouseAge", "building_age", "account.age", "roofAge", "package", "page", "stage"]
)
def test_ages_of_other_things(name):
    assert not is_age(ages(name))
    assert not is_sensitive(ages(name))


@pytest.mark.parametrize("ends", [(-5000, 90), (0, 5000), (None, None)])
def test_numbers_that_are_no_ages(ends):
    column = ages("age", *ends) if ends[0] is not None else Column("age", "numeric", "int64", 2, 0, 2)
    assert not is_age(column)


def test_a_single_odd_age_leaves_the_others_ages():
    column = ages("age")
    assert is_age(
        Column("age", "numeric", "int64", 10, 0, 50, min=-1, max=999, percentiles=column.percentiles)
    )


def test_categories_of_age_are_ages():
    assert is_sensitive(words("age", ("18-25", "26-40")))


@pytest.mark.parametrize(
    "values",
    [
        ("M", "F"),
        ("male", "FEMALE ", "unknown"),
        ("남", "여"),
        ("White", "Asian", "Other"),
        ("Never-married", "Divorced"),
        ("불교", "무교"),
        ("m", "f", "x"),
    ],
)
def test_values_that_say_who_people_are(values):
    assert is_sensitive(words("c1", values))


@pytest.mark.parametrize(
    "values", [("white", "black"), ("m", "l"), ("male",), ("unknown", "other"), ("S", "M", "F"), (1, 2), ()]
)
def test_values_that_only_look_so(values):
    assert not is_sensitive(words("c1", values))
