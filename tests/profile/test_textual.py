"""What the texts of a column hold."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.profile.textual import Textual, examined, spelling, variants


@pytest.mark.parametrize(
    ("text", "scripts"),
    [
        ("plain words", {"Latin"}),
        ("Zürich Łódź", {"Latin"}),
        ("서울 특별시", {"Hangul"}),
        ("ㅋㅋ", {"Hangul"}),
        ("東京", {"Han"}),
        ("ひらがな", {"Hiragana"}),
        ("カタカナ ｶﾅ", {"Katakana"}),
        ("Привет", {"Cyrillic"}),
        ("مرحبا", {"Arabic"}),
        ("Ελληνικά", {"Greek"}),
        ("שלום", {"Hebrew"}),
        ("नमस्ते", {"Devanagari"}),
        ("สวัสดี", {"Thai"}),
        ("日本のカメラ K-1", {"Han", "Hiragana", "Katakana", "Latin"}),
        ("12.5 % \u00d7 \u00f7 €", set()),
        ("😀", set()),
    ],
)
def test_scripts_are_told_apart(text, scripts):
    assert {script for script, _ in examined([text]).scripts} == scripts


def test_scripts_come_with_the_share_of_texts_most_frequent_first():
    assert examined(["서울", "Seoul 서울", "3", "부산"]).scripts == (("Hangul", 0.75), ("Latin", 0.25))


def test_words_are_counted():
    assert examined(["one", "one two  three", ""]).words == pytest.approx(4 / 3)


def test_personal_data_is_seen():
    assert examined(["a@example.org"]).personal == (("email", 1.0),)
    assert examined(["Anna", "Maria"], name="first_name").personal == (("name", 1.0),)


def test_nothing_is_seen_in_nothing():
    assert examined([]) == Textual()


def test_only_so_many_texts_are_examined():
    assert examined([f"v{n}" for n in range(5000)]).examined == 2000


def test_long_texts_are_cut():
    found = examined(["x" * 10_000_000 + " 가", "y"])
    assert (found.words, found.scripts) == (1.0, (("Latin", 1.0),))


@given(st.lists(st.text(max_size=20), max_size=30))
@settings(deadline=None)
def test_any_texts_can_be_examined(texts):
    found = examined(texts)
    assert all(0 < share <= 1 for _, share in (*found.scripts, *found.personal))


@pytest.mark.parametrize(
    "spellings",
    [
        ("Seoul", "SEOUL", "seoul"),
        ("Seoul", " Seoul", "Seoul\t"),
        ("New York", "New  York", "NewYork"),
        ("서울특별시", "서울 특별시"),
        ("caf\u00e9", "cafe\u0301"),
        ("ABC", "\uff21\uff22\uff23"),
        ("A 1", "a1"),
    ],
)
def test_spellings_of_one_value_are_a_group(spellings):
    assert variants(["other", *spellings]) == (spellings,)


@pytest.mark.parametrize(
    "pair", [("1 12", "11 2"), ("a-b", "ab"), ("", " "), ("é", "e"), ("x" * 1001, "X" * 1001)]
)
def test_what_is_another_value_is_no_spelling(pair):
    assert variants(pair) == ()


def test_repeated_values_are_no_variants():
    assert variants(["a", "a"]) == ()


def test_at_most_ten_groups_are_told():
    assert len(variants([case for n in range(30) for case in (f"v{n}x", f"V{n}x")])) == 10


@given(st.text(max_size=30))
@settings(deadline=None)
def test_ascii_case_and_outer_blanks_make_no_difference(text):
    assert spelling(f" {text}\t") == spelling(text)
