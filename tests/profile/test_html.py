"""The report as HTML: well-formed, harmless, accessible, and the same in all languages."""

import datetime as dt
import json
import math
import re
from importlib.resources import files
from itertools import pairwise

import pytest
from browser import browser_page
from figures import HOSTILE, rich
from parsed import Parsed

import dsml_magics as dsml
from dsml_magics.profile.html import fragment, page

pytestmark = pytest.mark.slow

CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("language", ["en", "ko"])
@pytest.mark.parametrize("view", [page, fragment])
@pytest.mark.parametrize("task", ["classes", "values"])
def test_a_report_is_well_formed(view, language, task):
    found = Parsed(view(rich(task=task), language))
    assert "svg" in {tag for tag, _, _ in found.elements}


@pytest.mark.parametrize("view", [page, fragment])
def test_hostile_names_and_values_stay_text(view):
    html = view(rich(HOSTILE, origin=HOSTILE))
    found = Parsed(html)
    assert not CONTROL.search(html)
    assert "alert(1)" in found.text
    assert not [link for link in found.links if not link.startswith("#")]
    assert found.inside("script", "html") == 0


def test_a_value_that_looks_like_a_link_to_a_column_is_left_as_it_is():
    figures = rich("⟦0⟧")
    assert "⟦0⟧" in Parsed(page(figures)).text
    assert page(figures).count("⟦99⟧") == 0


def test_the_page_needs_nothing_from_elsewhere():
    html = page(rich())
    assert not [
        word
        for word in ("http:", "https:", "src=", "@import", "url(", "<script", "javascript:")
        if word in html
    ]


def test_ids_are_unique_and_links_lead_somewhere():
    found = Parsed(page(rich()))
    assert len(found.ids) == len(set(found.ids))
    assert {link.removeprefix("#") for link in found.links} <= set(found.ids)
    assert len(found.links) > 10


def test_reports_on_one_page_share_no_id():
    reports = [fragment(rich()), fragment(rich(rows=999)), fragment(rich(), "ko"), fragment(rich("b"))]
    ids = [identity for report in reports for identity in Parsed(report).ids]
    assert len(ids) == len(set(ids))


def test_the_same_figures_give_the_same_report():
    assert fragment(rich()) == fragment(rich())


@pytest.mark.parametrize(("view", "first"), [(page, 1), (fragment, 3)])
def test_headings_go_down_one_level_at_a_time(view, first):
    levels = Parsed(view(rich())).headings
    assert levels[0] == first
    assert max(after - before for before, after in pairwise(levels)) == 1
    assert set(levels) == {first, first + 1, first + 2}


def test_a_notebook_takes_no_heading_of_the_report_for_its_own():
    assert not [tag for tag, _, _ in Parsed(fragment(rich())).elements if re.fullmatch("h[1-6]", tag)]


def test_tables_have_captions_and_heads_say_what_they_head():
    found = Parsed(page(rich()))
    assert found.inside("caption", "table") == len(found.all("table"))
    assert {head.get("scope") for head in found.all("th")} == {"col", "row"}


def test_pictures_say_what_they_show():
    found = Parsed(page(rich()))
    assert all(picture["role"] == "img" and picture["aria-label"] for picture in found.all("svg"))


def test_what_scrolls_can_be_reached_by_keyboard_and_has_a_name():
    found = Parsed(page(rich()))
    scrolled = [each for each in found.all("div") if "scroll" in (each.get("class") or "")]
    assert scrolled
    assert all(
        each["tabindex"] == "0" and each["role"] == "region" and each["aria-label"] for each in scrolled
    )


def test_the_report_can_be_skipped():
    html = fragment(rich())
    found = Parsed(html)
    skip = next(each for each in found.all("a") if each.get("class") == "skip")
    assert html.index(f'id="{skip["href"].removeprefix("#")}"') > html.index("</details>")


CATALOGS = files("dsml_magics.profile.language")


def words_of(language):
    return [
        json.loads((CATALOGS / language / f"{topic}.json").read_text(encoding="utf-8"))
        for topic in ("view", "kind", "insight", "question")
    ]


def test_korean_has_no_english_word_of_the_view():
    english, korean = (
        {
            word
            for catalog in words_of(language)
            for text in catalog.values()
            for word in re.findall("[A-Za-z]{2,}", re.sub("{.*?}", "", text))
        }
        for language in ("en", "ko")
    )
    figures = rich("나이", task="values")
    data = set(
        re.findall(
            "[A-Za-z]{2,}", " ".join([*figures.columns, "clerk nurse new test train parquet int str large"])
        )
    )
    data |= {word for column in figures.columns.values() for word in re.findall("[A-Za-z]{2,}", column.type)}
    for view in (page, fragment):
        for each in (figures, rich("나이")):
            found = set(re.findall("[A-Za-z]{2,}", Parsed(view(each, "ko")).text))
            assert found & (english - korean) - data == set()


@pytest.mark.parametrize("view", [page, fragment])
def test_the_language_is_declared(view):
    assert 'lang="ko"' in view(rich(), "ko")
    assert 'lang="en"' in view(rich())


def test_durations_are_written_in_the_language():
    assert "3 d, after 2024-01-01" in Parsed(page(rich())).text
    assert "3일(2024-01-01 이후)" in Parsed(page(rich(), "ko")).text


COLOUR = re.compile(r"--(\w+): (?:var\([\w-]+, )?light-dark\((#\w+), (#\w+)\)")


def luminance(colour):
    digits = colour[1:] if len(colour) == 7 else "".join(2 * digit for digit in colour[1:])
    parts = [int(digits[place : place + 2], 16) / 255 for place in (0, 2, 4)]
    red, green, blue = (
        part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, two):
    low, high = sorted((luminance(one), luminance(two)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [1, 2], ids=["light", "dark"])
def test_texts_have_the_contrast_of_wcag_aa(theme):
    style = "".join(Parsed(page(rich())).styles)
    colours = {found[1]: found[1 + theme] for found in COLOUR.finditer(style)}
    texts = [colours[name] for name in ("ink", "soft", "link", "high", "medium", "low")]
    assert min(contrast(text, colours[ground]) for text in texts for ground in ("paper", "panel")) >= 4.5
    assert min(contrast(colours["ink"], colours[fill]) for fill in ("plus", "minus")) >= 4.5
    assert min(contrast(colours[mark], colours["paper"]) for mark in ("bar", "other", "good", "high")) >= 3


def test_paper_and_motion_are_respected():
    style = "".join(Parsed(page(rich())).styles)
    for said in (
        "@media print",
        "prefers-reduced-motion",
        "::details-content",
        "focus-visible",
        "data-jp-theme-light",
    ):
        assert said in style


def test_a_profile_shows_itself_in_all_languages():
    table = {
        "이름": ["가", "나", None],
        "n": [1.0, math.inf, 3.0],
        "t": [dt.timedelta(days=1, hours=2)] * 2 + [None],
    }
    profile = dsml.profile(table, compare=table)
    for language in ("en", "ko"):
        assert Parsed(page(profile.figures, language)).headings[0] == 1


def test_no_column_of_the_tables_is_cut_off_in_a_notebook(tmp_path):
    names = ("education", "education_num", "marital_status", "native_country", "hours_per_week", "occupation")
    table = {name: [str((row * (at + 2)) // 7 % 5) for row in range(200)] for at, name in enumerate(names)}
    table |= {f"{name}_2": values for name, values in table.items()}
    table |= {"sampling_weight": [12_285 + row * 6_800 for row in range(200)]}
    (tmp_path / "index.html").write_text(dsml.profile(table).to_html(), encoding="utf-8")
    with browser_page(tmp_path, viewport={"width": 1016, "height": 900}) as shown:
        cut = shown.evaluate(
            "[...document.querySelectorAll('.whole .scroll, .tall')].map((part) => part.scrollWidth - part.clientWidth)"
        )
    assert cut == [0, 0]
