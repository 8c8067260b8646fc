"""The widget in a real browser."""

import pytest
from browser import widget_page

from dsml_magics.runs import widget

pytestmark = pytest.mark.slow

RUNS = [
    {
        "id": f"{n:032x}",
        "name": f"run {n}" if n else "<img src=x onerror=window.bad=1>",
        "state": "finished",
        "started": "2026-01-01T00:00:00",
        "seconds": n / 2,
        "params": {"depth": str(n % 5), "kind": "tree" if n % 2 else "linear", "same": "1"},
        "metrics": {"auc": 0.5 + n / 100},
        "tags": {},
    }
    for n in range(30)
]


@pytest.fixture
def page(tmp_path):
    with widget_page(widget, {"table": {"runs": RUNS}, "selected": []}, tmp_path) as page:
        yield page


def first(page):
    return page.inner_text("tbody tr:first-child td:first-child")


def test_the_widget_sorts_filters_draws_and_selects(page):
    assert page.locator("tbody tr").count() == 30
    assert "same" not in page.inner_text("thead")
    page.click("th:has-text('auc') button")
    page.click("th:has-text('auc') button")
    assert first(page) == "run 29"
    assert page.get_attribute("th:has-text('auc')", "aria-sort") == "descending"
    page.fill("input", "run 1")
    assert page.locator("tbody tr").count() == 11
    page.fill("input", "")
    page.focus("tbody tr:first-child")
    page.keyboard.press("Enter")
    assert page.evaluate("state.selected") == [RUNS[29]["id"]]
    assert page.locator("path.run").count() == 30
    assert page.locator("path.run.on").count() == 1
    assert page.locator("circle.dot.on").count() == 1
    page.select_option("select[aria-label='x axis']", label="kind")
    assert page.locator("circle.dot").count() == 30
    assert page.errors == []


def test_names_are_text(page):
    assert page.evaluate("window.bad") is None
    assert page.locator("img").count() == 0


def test_python_holds_the_state():
    made = widget.RunsWidget(table={"runs": RUNS})
    made.selected = [RUNS[0]["id"]]
    assert made.get_state()["selected"] == [RUNS[0]["id"]]
