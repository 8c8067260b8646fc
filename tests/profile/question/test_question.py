"""The nine questions: answered in order, with the numbers that a data scientist would look for."""

import string

import numpy as np
import pytest
from asked import said, values

import dsml_magics as dsml
from dsml_magics.profile.language import catalog, say
from dsml_magics.profile.question import ANSWERS
from dsml_magics.profile.question.role import ORDER


def test_the_nine_questions_stand_in_their_order(report):
    assert [each.code for each in report.questions] == [
        *(
            "distribution",
            "missing",
            "treatment",
            "outliers",
            "relations",
            "inputs",
            "enough",
            "enlarge",
            "bias",
        ),
    ]


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_question_is_put_into_words(report, language):
    for each in report.questions:
        assert say(f"question.{each.code}", {}, language)
        assert all(said(report, each.code, language))


def test_the_evidence_is_short(report):
    for each in report.questions:
        assert len(each.evidence) <= (len(ORDER) if each.code in ("inputs", "enlarge") else 7)


def test_answers_of_a_large_table_say_how_exact_they_are():
    many = 600_000
    noise = np.random.default_rng(0).normal(size=many)
    profile = dsml.profile({"x": noise, "sex": ["f", "m"] * (many // 2), "y": noise > 0}, target="y")
    assert values(profile, "distribution", "distribution_ranks")[0]["off"] > 0
    assert values(profile, "bias", "bias_sample")[0]["examined"] < many


def test_an_empty_value_set_breaks_nothing():
    for columns in ({"a": [None, None]}, {"a": [[1]]}, {"a": [b"x"]}, {"a": [""]}, {"": [1]}):
        assert len(dsml.profile(columns).questions) == 9


def test_every_sentence_of_the_catalog_belongs_to_a_question():
    keys = [key for key in catalog("question", "en") if key not in (*ANSWERS, "bound", "more")]
    assert [key for key in keys if not key.startswith(tuple(f"{code}_" for code in ANSWERS))] == []


def test_names_and_values_of_the_data_are_only_ever_values():
    hostile = "{0.__class__} {column}"
    profile = dsml.profile({hostile: [hostile, "b", "b"] * 20, "y": [0, 1, 1] * 20}, target="y")
    for each in profile.questions:
        assert all(said(profile, each.code))
        for statement in (each.answer, *each.evidence):
            template = catalog("question", "en")[statement.code.removeprefix("question.")]
            assert {name for _, name, _, _ in string.Formatter().parse(template) if name} <= set(
                statement.values
            )
