"""Steps, what flows between them, and how it is shown."""

import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from dsml_magics.pipeline.reading import pipeline_of
from dsml_magics.pipeline.sections import script_from
from dsml_magics.run.need import needs_of
from tests.pipeline.conftest import notebook

CELLS = [
    {"md": "# Title"},
    "import pandas as pd",
    {"md": "## Get the data"},
    "df = pd.read_csv('in.csv')",
    {"md": "## Train <fast>"},
    "def fit(frame): return frame.a.sum()",
    "model = fit(df)",
    {"md": "## Save"},
    "open('out.txt', 'w').write(str(model))\ndf['done'] = 1",
    {"md": "## Check"},
    "left = len(df)",
]


@pytest.fixture
def pipeline():
    return pipeline_of(notebook(*CELLS), "example")


def test_steps_are_named_by_their_headings(pipeline):
    assert [step.name for step in pipeline.steps] == ["title", "get-the-data", "train-fast", "save", "check"]


def test_steps_are_named_by_tags_and_go_on_until_the_next():
    cells = [
        "a = 1",
        ("step:load", "b = 1"),
        "c = 1",
        ("step:load", "d = 1"),
        ("step:train", "e = 1"),
        {"md": "## End"},
        "f = 1",
    ]
    steps = pipeline_of(notebook(*cells), "example").steps
    assert [(step.name, step.title, [cell.number for cell in step.cells]) for step in steps] == [
        ("start", "", [1]),
        ("load", "load", [2, 3, 4]),
        ("train", "train", [5]),
        ("end", "End", [6]),
    ]


def test_headings_of_one_name_are_told_apart():
    cells = [{"md": "## Model"}, "a = 1", {"md": "## Model"}, "b = 1"]
    assert [step.name for step in pipeline_of(notebook(*cells), "example").steps] == ["model", "model-2"]


def test_the_graph_tells_what_each_step_reads_binds_changes_and_acts_on(pipeline):
    nodes = {node.name: node for node in pipeline.graph.nodes}
    assert nodes["get-the-data"].reads == ("pd",)
    assert nodes["get-the-data"].binds == ("df",)
    assert nodes["train-fast"].reads == ("df",)
    assert nodes["train-fast"].binds == ("fit", "model")
    assert nodes["save"].changes == ("df",)
    assert nodes["save"].effects == ("files:out.txt",)


def test_names_flow_from_who_made_them_and_who_changed_them_last(pipeline):
    edges = {(edge.source, edge.target): edge.names for edge in pipeline.graph.edges}
    assert edges[("title", "get-the-data")] == ("pd",)
    assert edges[("get-the-data", "train-fast")] == ("df",)
    assert edges[("train-fast", "save")] == ("df", "model")
    assert "df" in edges[("save", "check")]


def test_the_picture_is_well_formed_and_escaped(pipeline):
    tree = ET.fromstring(pipeline.graph.to_svg())
    texts = ["".join(node.itertext()) for node in tree.iter() if node.tag.endswith("text")]
    assert any("Train <fast>" in text for text in texts)
    assert any("acts on" in text and "files:out.txt" in text for text in texts)
    assert "<script" not in pipeline._repr_html_()


def test_a_pipeline_is_json(pipeline):
    said = json.loads(pipeline.to_json())
    assert [step["name"] for step in said["steps"]][:2] == ["title", "get-the-data"]
    assert said["graph"]["edges"][0] == {"source": "title", "target": "get-the-data", "names": ["pd"]}


def test_a_step_that_may_do_anything_says_so():
    graph = pipeline_of(notebook({"md": "## A"}, "exec('x = 1')"), "example").graph
    assert graph.nodes[0].is_opaque
    assert "anything" in graph.to_svg()


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ([(1, "a = 1"), (3, "b = a"), (2, "c = 1")], "cells were run out of order: code cell 3 [2]"),
        ([(1, "b = a"), (2, "a = 1")], "code cell 1: reads `a`, which only code cell 2 binds"),
    ],
)
def test_a_notebook_out_of_order_is_told(cells, told):
    node = notebook(*(source for _, source in cells))
    for cell, (count, _) in zip(node.cells, cells, strict=True):
        cell.execution_count = count
    assert pipeline_of(node, "example").warnings[0].startswith(told)


@pytest.mark.parametrize(
    "cells",
    [["def f(): return a", "a = 1"], ["g = lambda: a", "a = 1"], ["a = 1", "b = a"], ["print(__name__, _)"]],
)
def test_a_notebook_in_order_is_not(cells):
    assert pipeline_of(notebook(*cells), "example").warnings == ()


def test_a_heading_without_code_is_no_step_and_stays_as_text():
    cells = [
        {"md": "# Title\nWhat this is."},
        {"md": "## Empty"},
        {"md": "## Load"},
        "a = 1",
        {"md": "## Only comments"},
        "# to do",
        {"md": "## Use"},
        "b = a",
        {"md": "## The end"},
    ]
    pipeline = pipeline_of(notebook(*cells), "example")
    assert [step.name for step in pipeline.steps] == ["load", "use"]
    assert [node.name for node in pipeline.graph.nodes] == ["load", "use"]
    source = pipeline.to_script()
    assert [line for line in source.splitlines() if line.startswith("# %% ")] == ["# %% Load", "# %% Use"]
    for text in ("# Title", "# What this is.", "# Empty", "# Only comments", "# to do", "# The end"):
        assert text in source.splitlines()


def test_a_script_has_the_steps_its_notebook_has():
    pipeline = pipeline_of(notebook(*CELLS, {"md": "## Text\nonly"}, {"md": "## Last"}, "x = 1"), "example")
    script = script_from(pipeline.to_script(), Path("example.py"))
    assert [step.name for step in pipeline.steps] == list(needs_of(script))


def flows(*cells):
    edges = pipeline_of(notebook(*cells), "example").graph.edges
    return {(edge.source, edge.target): edge.names for edge in edges}


def test_a_name_that_is_bound_anew_flows_from_nowhere():
    cells = [
        {"md": "# A"},
        "from sklearn.linear_model import Ridge, Lasso\nx = [[1]]",
        {"md": "# B"},
        "model = Ridge()\nmodel.fit(x, x)\nscores = []\nscores.append(model.score(x, x))",
        {"md": "# C"},
        "model = Lasso()\nmodel.fit(x, x)\nscores = []\nscores.append(model.score(x, x))",
    ]
    assert set(flows(*cells)) == {("a", "b"), ("a", "c")}


@pytest.mark.parametrize(
    "cell", ["s.append(2)", "s += [2]", "t = s\nt.append(2)", "if s:\n    s = []\ns.append(1)", "s = s + [2]"]
)
def test_a_name_that_is_changed_as_it_was_left_flows(cell):
    assert flows({"md": "# A"}, "s = [1]", {"md": "# B"}, cell) == {("a", "b"): ("s",)}


@pytest.mark.parametrize(
    ("cell", "effects", "uses"),
    [
        ("import os\np = os.path.join('a', 'b')", (), ()),
        ("import os\nx = os.path.exists('a.csv')", (), ("files:a.csv",)),
        ("from pathlib import Path\nx = Path('../in/a.txt').read_text()", (), ("files:../in/a.txt",)),
        (
            "import pandas as pd\nx = pd.read_csv('../datasets/a.csv')",
            (),
            ("files:../datasets/a.csv", "network"),
        ),
        ("import json\nwith open('a.json') as f:\n    x = json.load(f)", (), ("files", "files:a.json")),
        ("open('a.txt', 'w').write('x')", ("files:a.txt",), ("files:a.txt",)),
    ],
)
def test_what_only_reads_files_writes_none(cell, effects, uses):
    (node,) = pipeline_of(notebook(cell), "example").graph.nodes
    assert tuple(each for each in node.effects if each.startswith("files")) == effects
    assert set(node.uses) <= {*uses, "files", "settings"}
