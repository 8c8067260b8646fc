"""What an export writes, what it leaves alone, what it tells, and what it refuses."""

import re
from importlib import metadata

import nbformat
import pytest

import dsml_magics as dsml
from dsml_magics.command.cli import main
from dsml_magics.command.parameter import choices_of
from dsml_magics.command.registry import commands
from dsml_magics.errors import FileNotWritten, NotebookError, UsageError
from dsml_magics.export.engine import ENGINES
from dsml_magics.version import __version__
from tests.export.conftest import STEPS
from tests.pipeline.conftest import notebook

NEEDS = {
    "cron": {"schedule": "0 6 * * *"},
    "systemd": {"schedule": "0 6 * * *"},
    "kubeflow": {"state": "s3://b/j"},
}
EVERY = pytest.mark.parametrize("engine", ENGINES)


@pytest.fixture
def saved(tmp_path):
    def save(*cells, name="nb.ipynb"):
        path = tmp_path / name
        nbformat.write(notebook(*cells), path)
        return path

    return save


def tree(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def test_the_engines_are_those_the_command_names():
    assert sorted(choices_of(commands["export"].signature.parameters["engine"])) == sorted(ENGINES)


@EVERY
def test_it_writes_the_script_what_it_needs_and_the_job(sides, tmp_path, engine):
    job = dsml.export(sides, engine=engine, to=tmp_path / "a" / "job", **NEEDS.get(engine, {}))
    assert job.steps == STEPS
    assert {"sides.py", "requirements.txt", "Dockerfile"} < set(job.files)
    assert set(tree(job.folder)) == {*job.files, ".dsml-export.json"}
    assert (job.folder / "sides.py").read_text() == dsml.pipeline(sides).to_script()
    assert all(file in str(job) for file in job.files)


@EVERY
def test_a_script_gives_what_its_notebook_gives(sides, tmp_path, engine):
    one = dsml.export(sides, engine=engine, to=tmp_path / "job", **NEEDS.get(engine, {}))
    before = tree(one.folder)
    dsml.pipeline(sides, to=tmp_path / "sides.py")
    dsml.export(tmp_path / "sides.py", engine=engine, to=one.folder, **NEEDS.get(engine, {}))
    assert tree(one.folder) == before


def test_the_shell_says_what_was_written_and_what_to_do(sides, tmp_path, capsys):
    words = ["export", str(sides), "--engine", "argo", "--to", str(tmp_path / "job"), "--image", "me/sides:1"]
    assert main(words) == 0
    said = capsys.readouterr().out
    assert said.startswith(f"{tmp_path}/job: 4 steps for argo\n")
    assert f"kubectl create -f {tmp_path}/job/sides.argo.yaml" in said
    assert "`nothing` is no input of argo" in said
    assert "these write files: report." in said


def test_requirements_are_pinned_as_they_are_installed(exported):
    lines = (exported("airflow") / "requirements.txt").read_text().splitlines()
    assert f"dsml-magics=={__version__}" in lines
    assert f"numpy=={metadata.version('numpy')}" in lines
    assert all("==" in line for line in lines)


def test_what_is_not_installed_is_told(saved, tmp_path):
    path = saved("%pip install left-pad", "import no_such_module\nimport sklearn")
    job = dsml.export(path, engine="airflow", to=tmp_path / "job", state="gs://bucket/jobs")
    lines = (job.folder / "requirements.txt").read_text().splitlines()
    assert {"gcsfs", "left-pad", "no_such_module"} <= set(lines)
    assert f"scikit-learn=={metadata.version('scikit-learn')}" in lines
    assert [each for each in job.warnings if "not pinned" in each and "no_such_module" in each]


def test_modules_beside_the_notebook_travel_with_it(saved, tmp_path):
    (tmp_path / "first.py").write_text("import second.part\nimport json\n")
    (tmp_path / "second").mkdir()
    (tmp_path / "second" / "__init__.py").write_text("")
    (tmp_path / "second" / "part.py").write_text("import numpy\n")
    job = dsml.export(saved("import first"), engine="argo", to=tmp_path / "job")
    assert {"first.py", "second/__init__.py", "second/part.py"} < set(job.files)
    assert 'COPY ["second/part.py", "/opt/job/second/part.py"]' in (job.folder / "Dockerfile").read_text()
    lines = (job.folder / "requirements.txt").read_text()
    assert "first" not in lines
    assert "numpy==" in lines


def test_the_image_is_slim_and_its_user_is_not_root(exported):
    text = (exported("argo") / "Dockerfile").read_text()
    assert len(re.findall(r"^FROM python:3\.\d+-slim", text, re.MULTILINE)) == 2
    assert "\nUSER 10001\n" in text


def test_data_that_is_not_there_is_told(saved, tmp_path):
    path = saved(
        "import pandas as pd\ndf = pd.read_csv('in.csv')\ndf.to_csv('out.csv')", "pd.read_csv('out.csv')"
    )
    told = dsml.export(path, engine="airflow", to=tmp_path / "job").warnings
    assert [each for each in told if "`in.csv`" in each]
    assert not [each for each in told if "`out.csv`" in each]
    (tmp_path / "job" / "in.csv").write_text("a\n1\n")
    assert dsml.export(path, engine="airflow", to=tmp_path / "job").warnings == ()


def test_names_that_would_be_one_are_told_apart(saved, tmp_path):
    cells = [
        {"md": "## a-b"},
        "x = 1",
        {"md": "## a_b"},
        "y = 1",
        {"md": "## 데이터"},
        "z = 1",
        {"md": "## Import"},
        "w = 1",
    ]
    job = dsml.export(saved(*cells), engine="dagster", to=tmp_path / "job")
    assert job.steps == ("a-b", "a_b", "데이터", "import")
    text = (job.folder / "nb_dagster.py").read_text()
    assert re.findall(r'^    "(\w+)": \{', text, re.MULTILINE) == ["a_b", "a_b_2", "step_3", "import_step"]


def test_an_odd_name_of_a_notebook_is_written_plainly(saved, tmp_path):
    path = saved("x = 1", name="Große Tabelle (2).ipynb")
    assert {"grosse_tabelle_2.py", "grosse_tabelle_2_airflow.py"} < set(
        dsml.export(path, engine="airflow", to=tmp_path / "job").files
    )


def test_files_of_others_are_left_alone(sides, tmp_path):
    folder = tmp_path / "job"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    (folder / "Dockerfile").write_text("mine")
    with pytest.raises(FileNotWritten, match="Nothing was written"):
        dsml.export(sides, engine="argo", to=folder)
    assert tree(folder) == {"notes.txt": b"mine", "Dockerfile": b"mine"}


def test_an_export_replaces_what_it_wrote_unless_it_was_edited(sides, tmp_path):
    folder = dsml.export(sides, engine="argo", to=tmp_path / "job").folder
    dsml.export(sides, engine="argo", to=folder, schedule="0 6 * * *")
    assert "CronWorkflow" in (folder / "sides.argo.yaml").read_text()
    (folder / "sides.argo.yaml").write_text("edited")
    with pytest.raises(FileNotWritten, match="sides.argo.yaml.*edited"):
        dsml.export(sides, engine="argo", to=folder)


def test_another_job_in_the_folder_keeps_its_files(sides, saved, tmp_path):
    folder = dsml.export(sides, engine="airflow", to=tmp_path / "job").folder
    before = tree(folder)
    with pytest.raises(FileNotWritten, match="another's"):
        dsml.export(saved("import pandas"), engine="airflow", to=folder)
    assert tree(folder) == before


def test_a_folder_that_cannot_be_written_leaves_nothing(sides, tmp_path):
    (tmp_path / "file").write_text("")
    for to in (tmp_path / "file", tmp_path / "file" / "job"):
        with pytest.raises(FileNotWritten):
            dsml.export(sides, engine="airflow", to=to)
    (tmp_path / "job" / "sides_airflow.py").mkdir(parents=True)
    with pytest.raises(FileNotWritten):
        dsml.export(sides, engine="airflow", to=tmp_path / "job")
    assert tree(tmp_path / "job") == {}


@pytest.mark.parametrize(
    ("engine", "options", "said"),
    [
        ("cron", {}, "Expected --schedule with cron"),
        ("systemd", {}, "Expected --schedule with systemd"),
        ("kubeflow", {}, "Expected --state with kubeflow as a URL"),
        ("kubeflow", {"state": "folder"}, "Expected --state with kubeflow as a URL"),
        ("argo", {"state": "s3://me:secret@host/x"}, "without a password"),
        ("argo", {"state": "s3://{{workflow.name}}"}, "as a folder or URL"),
        ("argo", {"state": "a\nb"}, "as a folder or URL"),
        ("airflow", {"image": "me/job"}, "runs containers"),
        ("argo", {"image": "two words"}, "the name of an image"),
        ("argo", {"schedule": "daily"}, "five fields"),
        ("airlow", {}, "Did you mean 'airflow'"),
    ],
)
def test_what_does_not_fit_is_refused(sides, tmp_path, engine, options, said):
    with pytest.raises(UsageError, match=said):
        dsml.export(sides, engine=engine, to=tmp_path / "job", **options)
    assert not (tmp_path / "job").exists()


def test_the_shell_names_the_engines_there_are(sides, tmp_path, capsys):
    assert main(["export", str(sides), "--engine", "luigi", "--to", str(tmp_path / "job")]) == 2
    assert "airflow" in capsys.readouterr().err


@pytest.mark.parametrize("cells", [[], [{"md": "# Only text"}]])
def test_a_notebook_without_code_is_refused(saved, tmp_path, cells):
    with pytest.raises(NotebookError, match="with code"):
        dsml.export(saved(*cells), engine="airflow", to=tmp_path / "job")


def test_what_is_no_notebook_or_script_is_told(tmp_path):
    (tmp_path / "bad.py").write_text("x = (")
    for name in ("bad.py", "no.py", "no.ipynb"):
        with pytest.raises(NotebookError):
            dsml.export(tmp_path / name, engine="airflow", to=tmp_path / "job")
