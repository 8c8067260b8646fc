"""A widget in a real browser: its own script and style, against a model that holds a state."""

import functools
import http.server
import json
import threading
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import sync_playwright

PAGE = """<!doctype html><meta charset="utf-8"><link rel="stylesheet" href="/widget.css"><div id="w"></div>
<script type="module">
import widget from "/widget.js";
const state = %s, listeners = {};
window.state = state;
const model = {
  get: (key) => state[key], set: (key, value) => { state[key] = value; },
  save_changes: () => Object.keys(listeners).forEach((event) => listeners[event].forEach((call) => call())),
  on: (event, call) => (listeners[event] ??= []).push(call), off: () => {},
};
window.model = model;
widget.render({model, el: document.getElementById("w")});
</script>"""


@contextmanager
def browser_page(folder, **how):
    """Serve a folder; give a page of a real browser, with the errors of its scripts, and the folder's address."""
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=folder)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path="/usr/bin/chromium",
            args=["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"],
        )
        page = browser.new_page(**how)
        page.errors = errors = []
        page.on("pageerror", lambda error: errors.append(error))
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html")
        yield page
        browser.close()
    server.shutdown()
    server.server_close()


@contextmanager
def widget_page(module, state, folder, *, name="widget", shown="tbody tr", **how):
    """Show the widget of a module with a state; the page has the state as `window.state`, and is there once `shown` is."""
    for kind in ("js", "css"):
        file = Path(module.__file__).parent / "static" / f"{name}.{kind}"
        (folder / f"widget.{kind}").write_bytes(file.read_bytes())
    (folder / "index.html").write_text(PAGE % json.dumps(state).replace("<", "\\u003c"))
    with browser_page(folder, **how) as page:
        page.wait_for_selector(shown)
        yield page
