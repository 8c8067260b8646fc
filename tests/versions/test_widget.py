"""The widget of packaged models in a real browser."""

import functools
import http.server
import json
import threading
from pathlib import Path

import pytest
from playwright.sync_api import sync_playwright

from dsml_magics.versions import widget

STATIC = Path(widget.__file__).parent / "static"
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
PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/widget.css"><div id="w"></div>
<script type="module">
import widget from "/widget.js";
const state = {table: %s, selected: ""}, listeners = {};
window.state = state;
const model = {
  get: (key) => state[key], set: (key, value) => { state[key] = value; },
  save_changes: () => (listeners["change:selected"] ?? []).forEach((call) => call()),
  on: (event, call) => (listeners[event] ??= []).push(call), off: () => {},
};
widget.render({model, el: document.getElementById("w")});
</script>"""


@pytest.fixture
def page(tmp_path):
    for file in STATIC.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "index.html").write_text(PAGE % json.dumps(TABLE).replace("<", "\\u003c"))
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=tmp_path)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page(viewport={"width": 1000, "height": 500})
        page.errors = errors = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        page.wait_for_selector("tbody tr")
        yield page
        browser.close()
    server.shutdown()


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
