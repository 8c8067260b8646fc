"""Differences of runs as HTML, in a browser with JupyterLab's rule for tables."""

import datetime as dt

from browser import browser_page

from dsml_magics.runs.difference import Difference, Row
from dsml_magics.runs.run import Run

PAGE = """<!doctype html><meta charset="utf-8">
<style>:not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon td, :not(.jp-RenderedMarkdown).jp-RenderedHTMLCommon th {text-align: right}</style>
<body><div class="jp-RenderedHTMLCommon">%s</div>"""
ALIGNMENTS = (
    "[...new Set([...document.querySelectorAll('th, td')].map((cell) => getComputedStyle(cell).textAlign))]"
)


def run(name):
    return Run(name * 32, name, "finished", "e", dt.datetime(2026, 1, 1, tzinfo=dt.UTC))


def test_texts_stand_to_the_left_in_jupyterlab_and_one_thing_differs(tmp_path):
    found = Difference(run("a"), run("b"), params=(Row("C", "0.1", "1.0"),), code=("-C = 0.1", "+C = 1.0"))
    assert "Parameters: 1 differs" in found.to_text()
    html = found.to_html()
    assert "Parameters: 1 differs" in html
    assert "Code: 1 changed line<" in html
    (tmp_path / "index.html").write_text(PAGE % html)
    with browser_page(tmp_path) as page:
        assert page.evaluate(ALIGNMENTS) == ["left"]
