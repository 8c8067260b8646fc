"""Whatever a notebook calls its steps and parameters: the files are valid, and hold the same text."""

import ast
import configparser
import json
import re
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import nbformat
import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import dsml_magics as dsml
from dsml_magics.pipeline.sections import read_script
from tests.pipeline.conftest import notebook

pytestmark = pytest.mark.slow

ODD = [
    *("it's", '"""', "{{ x }}", "{{workflow.name}}", "${{ secrets.KEY }}", "$HOME", "$(id)", "100%", "a\\"),
    *("#", "'", "\u2028", "\0", "데이터", "\U0001f427", "import", "config", "step_2", "step-2"),
]
TEXT = st.lists(st.sampled_from([*ODD, " ", "a", "-", ":"]) | st.text(max_size=5), max_size=4).map("".join)
VALUE = TEXT | st.integers() | st.floats() | st.booleans() | st.none() | st.lists(TEXT, max_size=2)
# Without shrinking: an export takes a quarter of a second.
MANY = settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.reuse, Phase.generate],
)


@st.composite
def notebooks(draw):
    """Draw a notebook of odd titles and parameters."""
    values = {name: draw(VALUE) for name in sorted(draw(st.sets(st.sampled_from("abc"))))}
    cells = [{"md": f"# {draw(TEXT)}"}]
    if values:
        cells.append(("parameters", "\n".join(f"{name} = {value!r}" for name, value in values.items())))
    for at, title in enumerate(draw(st.lists(TEXT, min_size=1, max_size=4))):
        cells += [{"md": f"## {title}"}, f"x{at} = {at}"]
    return notebook(*cells)


def exported(found, engine, state):
    """Export a notebook, and read the files by their names, and the script."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "nb.ipynb"
        nbformat.write(found, path)
        folder = Path(place) / "it's 100% $HOME"
        result = dsml.export(path, engine=engine, to=folder, state=state, schedule="5 6 * * *")
        return {name: (folder / name).read_text() for name in result.files}, read_script(folder / "nb.py")


STATE = st.sampled_from([None, "s3://it's/a%b $x", "-x"])


@pytest.mark.parametrize("engine", ["airflow", "dagster", "kubeflow"])
@MANY
@given(found=notebooks(), state=STATE)
def test_python_is_valid_in_its_format_and_holds_the_steps(engine, found, state):
    state = "s3://it's/a%b $x" if engine == "kubeflow" else state
    files, script = exported(found, engine, state)
    source = files[f"nb_{engine}.py"]
    constants = {
        node.targets[0].id: node.value
        for node in ast.parse(source).body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    tasks = ast.literal_eval(constants["TASKS"])
    names = {section.name for section in script.sections}
    assert {task["step"] for task in tasks.values()} <= names
    assert all(re.fullmatch("[a-z][a-z0-9_]*", name) for name in tasks)
    assert state is None or ast.literal_eval(constants["STATE"]) == state
    assert {each for each in map(ast.literal_eval, _defaults(source)) if isinstance(each, str)} <= {
        *(each.default for each in script.pipeline.parameters if isinstance(each.default, str)),
        *(repr(each.default) for each in script.pipeline.parameters),
        "",
    }
    for words in (["check"], ["format", "--check"]):
        ruff = [sys.executable, "-m", "ruff", *words, "--isolated", "--no-cache", "-"]
        done = subprocess.run(ruff, input=source, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + source


def _defaults(source):
    """Find the defaults of inputs, in the words of each engine."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Param":
            yield node.args[0]
        elif isinstance(node, ast.keyword) and node.arg == "default_value":
            yield node.value
        elif isinstance(node, ast.FunctionDef) and node.name == "pipeline":
            yield from node.args.defaults


@MANY
@given(found=notebooks(), state=STATE)
def test_argo_reads_the_same_text_and_no_expression_but_ours(found, state):
    files, script = exported(found, "argo", state)
    spec = yaml.safe_load(files["nb.argo.yaml"])["spec"]["workflowSpec"]
    defaults = {each.name: each.default for each in script.pipeline.parameters}
    inputs = {each["name"]: each["value"] for each in spec.get("arguments", {"parameters": []})["parameters"]}
    assert inputs == {name: str(defaults[name]) for name in inputs}
    ours = {"inputs.parameters.step", "workflow.name", *(f"workflow.parameters.{name}" for name in inputs)}
    assert set(re.findall(r"\{\{(.*?)\}\}", json.dumps(spec))) <= ours
    names = [task["name"] for task in spec["templates"][0]["dag"]["tasks"]]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z][a-z0-9-]*", name) for name in names)


@MANY
@given(found=notebooks(), state=STATE)
def test_github_reads_the_same_text_and_no_expression_but_ours(found, state):
    files, script = exported(found, "github", state)
    workflow = yaml.safe_load(files[".github/workflows/nb.yml"])
    defaults = {each.name: each.default for each in script.pipeline.parameters}
    inputs = workflow[True]["workflow_dispatch"] or {"inputs": {}}
    for name, facts in inputs["inputs"].items():
        assert facts.get("default") in (defaults[name], repr(defaults[name]))
    expressions = set(re.findall(r"\$\{\{(.*?)\}\}", json.dumps(workflow)))
    ours = {"github.run_id", "github.run_attempt", *(f"inputs.{name}" for name in inputs["inputs"])}
    assert {each.strip() for each in expressions} <= ours


@MANY
@given(found=notebooks(), state=STATE)
def test_a_crontab_has_one_line_and_its_program_is_one(found, state):
    files, _ = exported(found, "cron", state)
    [line] = [line for line in files["nb.cron"].split("\n") if line and not line.startswith("#")]
    assert line.startswith("5 6 * * * flock ")
    assert not re.search(r"(?<!\\)%", line)
    *_, shell, program = shlex.split(line.split(" ", 5)[5].replace("\\%", "%"))
    assert shell == "sh"
    assert program.endswith("/it's 100% $HOME/run.sh")
    assert subprocess.run(["sh", "-n"], input=files["run.sh"], text=True, check=False).returncode == 0


@MANY
@given(found=notebooks(), state=STATE)
def test_units_have_their_lines_and_no_others(found, state):
    files, _ = exported(found, "systemd", state)
    keys = {}
    for unit in ("service", "timer"):
        parser = configparser.RawConfigParser(delimiters="=", comment_prefixes="#", interpolation=None)
        parser.read_string(files[f"nb.{unit}"])
        keys[unit] = {section: sorted(parser[section]) for section in parser.sections()}
        assert not parser["Unit"]["Description"].endswith("\\")
    assert keys["timer"]["Timer"] == ["oncalendar", "persistent"]
    assert keys["service"]["Service"] == ["execstart", "nonewprivileges", "type"]
    assert "it's 100%% $$HOME/run.sh" in files["nb.service"]


@pytest.mark.parametrize("name", ["no", "on", "null", "y"])
@pytest.mark.parametrize("schedule", [None, "5 6 * * *"])
def test_names_that_mean_something_else_in_yaml_stay_names(tmp_path, name, schedule):
    path = tmp_path / f"{name}.ipynb"
    nbformat.write(notebook({"md": f"# {name}"}, "x = 1", {"md": f"# {name}"}, "y = x"), path)
    for engine in ("argo", "github"):
        dsml.export(path, engine=engine, to=tmp_path / engine, schedule=schedule)
    argo = yaml.safe_load((tmp_path / f"argo/{name}.argo.yaml").read_text())
    spec = argo["spec"]["workflowSpec"] if schedule else argo["spec"]
    first, second = spec["templates"][0]["dag"]["tasks"]
    assert first["name"] == name
    assert second["dependencies"] == [name]
    assert argo["metadata"] == ({"name": name} if schedule else {"generateName": f"{name}-"})
    workflow = yaml.safe_load((tmp_path / f"github/.github/workflows/{name}.yml").read_text())
    assert list(workflow["jobs"]) == [workflow["concurrency"]] == [name]
