"""The panel of a server: its two halves, and both in a real kernel."""

import json

import pytest
from browser import widget_page
from served import ROW, serving, until

from dsml_magics.serve import panel
from dsml_magics.serve.page import fields_of
from dsml_magics.serve.panel import panel_of

pytestmark = pytest.mark.slow

STATE = {
    "url": "http://127.0.0.1:1234",
    "name": "<img src=x onerror=window.bad=1>",
    "version": 3,
    "running": True,
    "ready": True,
    "requests": 12345,
    "rows": 20000,
    "violations": 7,
    "p50_ms": 0.512,
    "p99_ms": 12.3,
}


def test_the_panel_answers_rows_and_stops_the_server(ledger):
    with serving("income@1") as server:
        shown = panel_of(server)
        assert [field["name"] for field in shown.fields] == list(ROW)
        until(lambda: shown.state.get("ready"))
        shown.asked = {"number": 1, "row": ROW}
        assert shown.answered["number"] == 1
        assert shown.answered["prediction"] in ("yes", "no")
        shown.asked = {"number": 2, "row": {**ROW, "job": "spy"}}
        assert shown.answered["message"].startswith("Expected string one of 3 categories")
        # What no form of ours sends is not passed on.
        shown.asked = {"number": 3, "row": {"else": 1}}
        assert shown.answered["number"] == 2
        until(lambda: shown.state["requests"] == 2)
        assert shown.state["violations"] == 1
        assert 0 < shown.state["p50_ms"] <= shown.state["p99_ms"]
        shown.stopping = True
        assert not shown.state["running"]
        assert not server.is_running


@pytest.fixture
def page(tmp_path, server):
    state = {
        "fields": fields_of(server.contract),
        "state": STATE,
        "asked": {},
        "answered": {},
        "stopping": False,
    }
    with widget_page(
        panel, state, tmp_path, name="panel", shown=".dsml-serving", viewport={"width": 900, "height": 600}
    ) as page:
        yield page


def test_the_form_sends_typed_values_and_shows_what_comes_back(page):
    assert page.inner_text(".mood") == "ready"
    assert "12,345" in page.inner_text("dl")
    assert page.evaluate("window.bad") is None
    page.fill("[name=age]", " 41 ")
    page.fill("[name=hours]", "")
    page.select_option("[name=job]", label="Köchin")
    page.select_option("[name=member]", label="false")
    page.click("text=Predict")
    assert page.evaluate("state.asked") == {
        "number": 1,
        "row": {"age": 41, "job": "Köchin", "hours": None, "member": False},
    }
    page.evaluate("state.answered = {number: 1, prediction: 'yes'}; model.save_changes()")
    assert page.inner_text("output") == '"yes"'
    page.evaluate("state.answered = {number: 1, message: '<b>no</b>'}; model.save_changes()")
    assert (page.inner_text("output"), page.get_attribute("output", "class")) == ("<b>no</b>", "bad")
    page.click("text=Stop the server")
    assert page.evaluate("state.stopping") is True
    page.evaluate("state.state = {...state.state, running: false, p50_ms: undefined}; model.save_changes()")
    assert page.inner_text(".mood") == "stopped"
    assert page.is_disabled("text=Predict")
    assert not page.errors


def test_the_servers_own_page_answers_a_row(server):
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page()
        errors, asked = [], []
        page.on("pageerror", lambda error: errors.append(error))
        page.on("request", lambda request: asked.append(request.url))
        page.goto(server.url)
        page.click("button")
        page.wait_for_function("document.querySelector('output').textContent.includes(' ms')")
        assert json.loads(page.inner_text("output").partition(" in ")[0]) in ("yes", "no")
        page.fill("[name=age]", "old")
        page.click("button")
        page.wait_for_selector("output.bad")
        assert "Expected integer" in page.inner_text("output")
        # Nothing comes from elsewhere.
        assert all(url.startswith(server.url) for url in asked)
        assert not errors
        browser.close()


def test_a_kernel_serves_and_ends_its_server(made, own_process):
    manager, kernel = own_process
    started = kernel.run(
        f"import os; os.chdir({made.folder!r})\n%load_ext dsml_magics\nserving = %dsml_serve income@1\nprint(*serving.pids, serving.log)"
    )
    assert started.status == "ok", started.errors
    pid = int(started.text.split()[0])
    shown = kernel.run("serving")
    assert shown.status == "ok", shown.errors
    assert shown.results
    answered = kernel.run(f"serving.predict({ROW!r})['predictions'][0]")
    assert answered.results[0] in ("'yes'", "'no'")
    import psutil

    manager.shutdown_kernel(now=True)
    until(lambda: not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie")
