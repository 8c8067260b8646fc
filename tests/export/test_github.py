"""The workflow is one by GitHub's schema, and its command does what the notebook does."""

import json

import pytest
import yaml

from tests.export.environments import python_of, run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def schemas():
    return python_of("schemas")


def workflow(folder):
    # YAML 1.1 reads the key `on` as true.
    return yaml.load((folder / ".github/workflows/sides.yml").read_text(), yaml.BaseLoader)


@pytest.mark.parametrize(
    "options",
    [{}, {"schedule": "*/15 6 * * 5-7", "state": "s3://bucket/jobs", "image": "ghcr.io/me/sides:1"}],
)
def test_it_is_a_workflow(exported, schemas, options, tmp_path):
    path = exported("github", **options) / ".github/workflows/sides.yml"
    check = [schemas, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-workflows"]
    run([*check, path], tmp_path)
    path.write_text(path.read_text().replace("runs-on:", "runs_on:"))
    assert run([*check, path], tmp_path, check=False).returncode == 1


def command(found):
    [step] = [step for step in found["jobs"]["sides"]["steps"] if step.get("name") == "Run the steps"]
    return step["run"], list(step["env"])


def test_its_command_takes_the_inputs(exported):
    folder = exported("github")
    text, variables = command(workflow(folder))
    given = dict(zip(variables, ["20", "0.5", 'it\'s "$5" 100%', "true", "[1, 2]", ""], strict=True))
    run(["bash", "-e", "-c", text], folder, **given)
    assert json.loads((folder / "report.json").read_text()) == [190 + 2470, 'IT\'S "$5" 100%', None]


def test_when_the_time_has_come_no_input_is_given_and_those_of_the_notebook_count(exported):
    folder = exported("github", schedule="0 6 * * *")
    text, variables = command(workflow(folder))
    run(["bash", "-e", "-c", text], folder, **dict.fromkeys(variables, ""))
    assert json.loads((folder / "report.json").read_text()) == [45 + 285, "a, b", None]


def test_what_the_steps_write_is_kept(exported):
    uploads = [
        step["with"]["path"]
        for step in workflow(exported("github"))["jobs"]["sides"]["steps"]
        if step.get("uses", "").startswith("actions/upload-artifact")
    ]
    assert uploads == ["report.json\n"]


def test_a_job_in_a_folder_of_a_repository_knows_its_place(exported, tmp_path):
    (tmp_path / ".git").mkdir()
    found = workflow(exported("github"))
    assert found["jobs"]["sides"]["defaults"]["run"]["working-directory"] == "job"
