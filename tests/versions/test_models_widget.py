"""The widget of packaged models in a real browser."""

import pytest
from browser import widget_page

from dsml_magics.versions import widget

pytestmark = pytest.mark.slow

VERSIONS = [
    {
        "name": name,
        "version": number,
        "aliases": {1: ["champion"], 3: ["challenger"]}.get(number, []),
        "made": f"2026-01-0{number}T00:00:00+00:00",
        "age": f"{9 - number} d",
        "by": "ana",
        "metrics": {"roc_auc": 0.9 + number / 100} if number > 1 else {},
        "proof": "predict, predict_proba equal bit for bit on 7,561 rows in a fresh process",
        "run": None,
    }
    for name in ("income", "<img src=x onerror=window.bad=1>")
    for number in (3, 2, 1)
]
TABLE = {
    "metrics": ["roc_auc"],
    "versions": VERSIONS,
    "moves": {
        "income": ["2026-01-01 00:00 UTC  deploy  version 1  by ana", "<img src=x onerror=window.bad=1>"]
    },
    "approvers": {},
}


@pytest.fixture
def page(tmp_path):
    with widget_page(
        widget, {"table": TABLE, "selected": ""}, tmp_path, viewport={"width": 1000, "height": 500}
    ) as page:
        yield page


def column(page, number):
    return page.locator(f"tbody tr td:nth-child({number})").all_inner_texts()


def test_the_widget_sorts_filters_and_shows_moves(page):
    assert page.locator("tbody tr").count() == 6
    page.get_by_role("button", name="roc_auc").click()
    assert column(page, 5) == ["0.93", "0.93", "0.92", "0.92", "", ""]
    page.get_by_role("button", name="roc_auc").click()
    assert column(page, 5) == ["0.92", "0.92", "0.93", "0.93", "", ""]
    page.get_by_role("searchbox").fill("challenger")
    assert column(page, 2) == ["3", "3"]
    page.get_by_role("searchbox").fill("")
    page.locator("tbody tr", has_text="champion").first.click()
    assert page.evaluate("state.selected") in ("income@1", "<img src=x onerror=window.bad=1>@1")
    assert not page.errors


def test_hostile_names_stay_text(page):
    page.locator("tbody tr", has_text="income").first.click()
    assert page.locator(".detail li").count() == 2
    assert page.evaluate("window.bad") is None
    assert page.locator("img").count() == 0
