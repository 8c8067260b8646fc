"""Jobs are in the ledger: states, steps, parameters, files, logs; side by side; deploying notebooks."""

import pytest

import dsml_magics as dsml
from dsml_magics.errors import StepFailed
from tests.run.conftest import fates

pytestmark = [pytest.mark.slow, pytest.mark.whole]


def test_jobs_are_listed_from_the_ledger(job):
    assert "No jobs in the ledger" in str(dsml.jobs())
    dsml.run("job.py", param=["depth=4"])
    (job / "bad.py").write_text("# %% Good\nx = 1\n# %% Bad\nx / 0")
    with pytest.raises(StepFailed):
        dsml.run("bad.py")
    bad, good = dsml.jobs()
    assert (good.state, good.parameters, good.files) == (
        "finished",
        {"depth": "4", "share": "0.5"},
        ("report.txt",),
    )
    assert [name for name, _, _ in good.steps] == ["settings", "data", "left", "right", "report"]
    assert (bad.state, bad.step, [state for _, state, _ in bad.steps]) == (
        "failed",
        "bad",
        ["finished", "failed"],
    )
    text = str(dsml.jobs())
    assert bad.log in text and "5 steps ran" in text
    assert "<td>bad</td>" in dsml.jobs()._repr_html_()
    assert len(dsml.jobs(limit=1)) == 1


def test_a_job_is_a_run_with_its_steps_nested(job):
    (job / "job.py").write_text(
        "# %% Fit\nimport dsml_magics as dsml\nwith dsml.track('inner'):\n    depth = 3\n    accuracy = 0.5\nprint('hello')"
    )
    dsml.run("job.py")
    import mlflow

    dsml.jobs()
    runs = {run.info.run_name: run for run in mlflow.MlflowClient().search_runs(
        [e.experiment_id for e in mlflow.MlflowClient().search_experiments()]
    )}  # fmt: skip
    assert runs["fit"].data.tags["mlflow.parentRunId"] == runs["job"].info.run_id
    assert runs["inner"].data.tags["mlflow.parentRunId"] == runs["fit"].info.run_id
    assert runs["fit"].data.metrics["dsml.wall_seconds"] >= 0
    text = mlflow.artifacts.load_text(f"runs:/{runs['fit'].info.run_id}/dsml/01-fit.out")
    assert text == "hello\n"


def test_steps_that_do_not_need_each_other_run_side_by_side(workdir):
    wait = "import os, time\nopen('{own}', 'w').close()\nwhile not os.path.exists('{other}'):\n    time.sleep(0.01)\n"
    (workdir / "job.py").write_text(
        "# %% Data\nitems = list(range(10))\n"
        f"# %% Left\nleft = sum(items)\n{wait.format(own='l', other='r')}"
        f"# %% Right\nright = max(items)\n{wait.format(own='r', other='l')}"
        "# %% Join\nopen('out.txt', 'w').write(repr((left, right)))"
    )
    # Files are shared effects: these would wait for each other for ever if they were run in order.
    from dsml_magics.pipeline.analysis.ordering import dependencies_of
    from dsml_magics.pipeline.sections import read_script

    assert dependencies_of(read_script("job.py").pipeline)["right"] == ("data", "left")


def test_a_diamond_side_by_side_ends_as_in_order(job):
    dsml.run("job.py", state="one")
    one = (job / "report.txt").read_text()
    (job / "report.txt").unlink()
    found = dsml.run("job.py", state="two", jobs=2)
    assert (job / "report.txt").read_text() == one and set(fates(found).values()) == {"done"}
    assert set(fates(dsml.run("job.py", state="two", jobs=2, resume=True)).values()) == {"kept"}


def test_a_step_that_fails_side_by_side_ends_the_job(workdir):
    (workdir / "job.py").write_text(
        "# %% Data\nn = 3\n# %% A\na = n / 0\n# %% B\nb = sum(i * i for i in range(n))\n# %% C\nc = a + b"
    )
    with pytest.raises(StepFailed, match="Step 'a'"):
        dsml.run("job.py", jobs=2)
    text = (workdir / "job.py").read_text()
    (workdir / "job.py").write_text(text.replace("n / 0", "n / 1"))
    assert dsml.run("job.py", jobs=2, resume=True).state == "finished"


def test_what_cannot_be_kept_is_there_side_by_side_too(workdir):
    (workdir / "job.py").write_text(
        "# %% Gen\ngen = (n * n for n in range(10))\n# %% X\nx = 1\n# %% Y\ny = next(gen) + next(gen)\n"
        "# %% Z\nopen('out.txt', 'w').write(repr((x, y, next(gen))))"
    )
    dsml.run("job.py", jobs=2)
    assert (workdir / "out.txt").read_text() == "(1, 1, 4)"


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_a_job_that_deploys_registers_a_challenger_and_leaves_champion(workdir):
    (workdir / "job.py").write_text(
        "# %% Data\nimport pandas as pd\nrows = pd.read_csv('data.csv')\n"
        "# %% Model\nfrom sklearn.linear_model import LinearRegression\nmodel = LinearRegression().fit(rows[['x']], rows['y'])\n"
        "# %% Deploy\nimport dsml_magics as dsml\n"
        "dsml.deploy(model, name='line', data=rows[['x']], target=rows['y'], gate=['r2>=0.9'])"
    )
    (workdir / "data.csv").write_text("x,y\n" + "".join(f"{n},{2 * n}\n" for n in range(30)))
    dsml.run("job.py")
    (workdir / "data.csv").write_text("x,y\n" + "".join(f"{n},{3 * n}\n" for n in range(30)))
    assert fates(dsml.run("job.py", resume=True)) == dict.fromkeys(["data", "model", "deploy"], "done")
    versions = dsml.models("line")
    assert {each.number: each.aliases for each in versions} == {1: ("champion",), 2: ("challenger",)}
    (workdir / "data.csv").write_text("x,y\n" + "".join(f"{n},{(n * 7919) % 31}\n" for n in range(30)))
    with pytest.raises(StepFailed, match="r2"):
        dsml.run("job.py", resume=True)
    assert len(dsml.models("line")) == 2
