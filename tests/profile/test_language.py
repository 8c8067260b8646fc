"""The catalogs: every language says the same, of the same values."""

import json
import string
from importlib.resources import files

import pytest

from dsml_magics.profile.column import Kind
from dsml_magics.profile.language import catalog, number, say

FOLDER = files("dsml_magics.profile.language")
TOPICS = sorted(path.name.removesuffix(".json") for path in (FOLDER / "en").iterdir())
LANGUAGES = sorted(path.name for path in FOLDER.iterdir() if path.is_dir() and (path / "kind.json").is_file())


def fields(template):
    return {name for _, name, _, _ in string.Formatter().parse(template) if name is not None}


def test_there_are_english_and_korean():
    assert LANGUAGES == ["en", "ko"]


@pytest.mark.parametrize("topic", TOPICS)
def test_the_languages_have_the_same_words(topic):
    assert catalog(topic, "ko").keys() == catalog(topic, "en").keys()


@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("language", LANGUAGES)
def test_no_word_is_defined_twice(topic, language):
    def unique(pairs):
        names = [name for name, _ in pairs]
        assert len(names) == len(set(names))
        return dict(pairs)

    json.loads((FOLDER / language / f"{topic}.json").read_text(encoding="utf-8"), object_pairs_hook=unique)


@pytest.mark.parametrize("topic", TOPICS)
def test_the_languages_show_the_same_values(topic):
    ours, theirs = catalog(topic, "en"), catalog(topic, "ko")
    assert {key: fields(words) for key, words in theirs.items()} == {
        key: fields(words) for key, words in ours.items()
    }


@pytest.mark.parametrize("topic", ["insight", "question", "kind"])
def test_korean_is_korean(topic):
    words = {key: text for key, text in catalog(topic, "ko").items() if key != "bound"}
    without = [key for key, text in words.items() if not any("가" <= character <= "힣" for character in text)]
    assert [key for key in without if not key.startswith("relations_")] == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_name(language):
    assert set(Kind.__args__) <= set(catalog("kind", language))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("code", "values"),
    [
        ("because_type", {"type": "double"}),
        ("because_one_value", {}),
        ("because_consecutive", {"distinct": 1000}),
        ("because_unique", {"distinct": 1000}),
        ("because_words", {"words": 4.2, "distinct": 1000}),
        ("because_few", {"distinct": 3}),
        ("because_number", {"distinct": 3}),
        ("because_date", {"distinct": 3}),
        ("because_said", {}),
        ("because_no_value", {}),
    ],
)
def test_the_reasons_for_a_kind_are_said(code, values, language):
    assert "{" not in say(f"kind.{code}", values, language)


def test_a_value_is_never_a_template():
    said = say("insight.constant", {"value": "{rows} {0.__class__} %s", "rows": 3, "missing": 0})
    assert "{rows} {0.__class__} %s" in said


def test_a_bound_is_put_behind():
    values = {"distinct": 80_000, "limit": 50, "bound": 1600}
    assert say("insight.high_cardinality", values).endswith("(±1600)")
    assert say("insight.high_cardinality", values, "ko").endswith("(오차 ±1600)")


def test_several_names_are_written_with_commas():
    assert number(("a", "b\x1b", 3)) == "a, b\\x1b, 3"
