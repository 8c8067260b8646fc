"""A job goes on where it stopped, and runs only what would do something else than it did."""

import json

import pytest

import dsml_magics as dsml
from dsml_magics.errors import StepFailed, UsageError
from tests.run.conftest import again, fates, ran

pytestmark = pytest.mark.slow

ALL = {"settings", "data", "left", "right", "report"}


def test_nothing_runs_where_nothing_changed(done):
    assert again() == {}


def test_a_new_run_runs_everything(done):
    assert set(ran(dsml.run("job.py"))) == ALL


def test_a_changed_parameter_runs_only_what_it_must(done):
    assert again(param=["depth=4"]) == {
        "settings": "a parameter changed", "left": "`depth` changed", "report": "`total` changed",
    }  # fmt: skip
    assert (done / "report.txt").read_text() == "24 1.0"
    assert set(again(param=["depth=4", "share=1"])) == {"settings", "right", "report"}


def test_a_value_that_came_out_the_same_runs_nothing_more(done):
    assert again(param=["depth=3", "share=0.5"]) == {"settings": "a parameter changed"}
    text = (done / "job.py").read_text().replace("df.x.sum() * depth", "depth * df.x.sum()")
    (done / "job.py").write_text(text)
    assert again(param=["depth=3", "share=0.5"]) == {"left": "its code changed"}


def test_changed_code_runs_again_and_what_depends_on_it(done):
    text = (done / "job.py").read_text()
    (done / "job.py").write_text(text.replace("df.x.mean() * share", "df.x.max() * share"))
    assert again() == {"right": "its code changed", "report": "`mean` changed"}
    assert (done / "report.txt").read_text() == "18 1.5"


def test_comments_and_blank_lines_change_nothing(done):
    text = (done / "job.py").read_text()
    (done / "job.py").write_text(text.replace("total = ", "\n# why\n\ntotal = "))
    assert again() == {}


def test_a_changed_input_file_runs_again(done):
    (done / "data.csv").write_text("x\n1\n2\n4\n")
    assert again()["data"] == "file data.csv changed"
    (done / "data.csv").touch()
    assert again() == {}


def test_an_output_that_is_gone_or_changed_is_made_again(done):
    (done / "report.txt").unlink()
    assert again() == {"report": "its file report.txt is gone"}
    (done / "report.txt").write_text("forged")
    assert again() == {"report": "its file report.txt changed"}
    assert (done / "report.txt").read_text() == "18 1.0"


def test_a_file_that_only_a_library_opens_is_an_input(workdir):
    import pyarrow as pa
    from pyarrow import parquet

    parquet.write_table(pa.table({"x": [1]}), workdir / "a.parquet")
    (workdir / "job.py").write_text(
        "# %% Where\npath = 'a.parquet'\n# %% Read\nimport polars as pl\nn = pl.read_parquet(path).height\n"
        "# %% Write\nimport pyarrow as pa\nfrom pyarrow import parquet\nparquet.write_table(pa.table({'n': [n]}), 'out.parquet')"
    )
    dsml.run("job.py")
    parquet.write_table(pa.table({"x": [1, 2]}), workdir / "a.parquet")
    assert set(again()) == {"read", "write"}
    (workdir / "out.parquet").unlink()
    assert set(again()) == {"write"}


def test_a_module_beside_the_script_is_code_of_the_step(workdir):
    (workdir / "helper.py").write_text("def f(): return 1")
    (workdir / "job.py").write_text("# %% A\nx = 1\n# %% B\nimport helper\ny = helper.f()")
    dsml.run("job.py")
    (workdir / "helper.py").write_text("def f(): return 2")
    assert again() == {"b": "file helper.py changed"}


def test_files_that_match_a_pattern_are_an_input(workdir):
    (workdir / "a.txt").write_text("1")
    (workdir / "job.py").write_text(
        "# %% A\nimport glob\nnames = sorted(glob.glob('*.txt'))\n# %% B\nn = len(names)"
    )
    dsml.run("job.py")
    (workdir / "b.txt").write_text("2")
    assert set(again()) == {"a", "b"}


def test_random_states_and_settings_are_carried(workdir):
    (workdir / "job.py").write_text(
        "# %% Seed\nimport random, os\nimport numpy as np\nimport pandas as pd\nrandom.seed(1); np.random.seed(1)\n"
        "os.makedirs('sub', exist_ok=True); os.chdir('sub'); os.environ['TRAP'] = 'v'\npd.set_option('display.max_rows', 7)\n"
        "# %% Draw\na = random.random(), np.random.rand()\n"
        "# %% Fail\nimport pathlib\nassert pathlib.Path('go').exists()\n"
        "# %% End\nb = random.random(), np.random.rand(), os.environ['TRAP'], pd.get_option('display.max_rows'), os.path.basename(os.getcwd())\n"
        "open('out.txt', 'w').write(repr((a, b)))"
    )
    with pytest.raises(StepFailed):
        dsml.run("job.py")
    (workdir / "sub/go").touch()
    assert set(again()) == {"fail", "end"}
    stopped = (workdir / "sub/out.txt").read_text()
    dsml.run("job.py", state="other")
    assert (workdir / "sub/out.txt").read_text() == stopped
    assert "'v', 7, 'sub'" in stopped


def test_a_tree_removed_elsewhere_is_no_file_of_the_step(workdir, tmp_path_factory):
    other = tmp_path_factory.mktemp("other")
    (other / "below").mkdir()
    (other / "below/out.txt").touch()
    (workdir / "out.txt").touch()
    (workdir / "job.py").write_text(f"# %% A\nimport shutil\nshutil.rmtree({str(other)!r})")
    assert dsml.run("job.py").files == ()
    assert not other.exists()


def test_what_cannot_be_kept_is_made_again_where_it_is_needed(workdir):
    (workdir / "job.py").write_text(
        "# %% Open\nimport sqlite3\nconnection = sqlite3.connect(':memory:')\nconnection.execute('create table t (x)')\n"
        "# %% Other\ny = 1\n# %% Fill\nconnection.execute('insert into t values (5)')\n"
        "# %% Read\nrows = connection.execute('select x from t').fetchall()\n"
        "# %% Write\nimport os\nassert os.path.exists('go')\nopen('out.txt', 'w').write(repr(rows))"
    )
    with pytest.raises(StepFailed):
        dsml.run("job.py")
    (workdir / "go").touch()
    # The rows are kept, so the connection is not needed.
    assert set(again()) == {"write"}
    assert (workdir / "out.txt").read_text() == "[(5,)]"
    text = (workdir / "job.py").read_text()
    (workdir / "job.py").write_text(text.replace("select x", "select x + 1"))
    found = dsml.run("job.py", resume=True)
    assert set(ran(found)) == {"open", "fill", "read", "write"}
    assert "`connection` cannot be kept, and" in ran(found)["open"]
    assert "Connection" in found.steps[0].lost["connection"]
    assert (workdir / "out.txt").read_text() == "[(6,)]"


def test_one_step_runs_with_what_the_others_left(done):
    (done / "data.csv").write_text("x\n100\n")
    found = dsml.run("job.py", only=["right"])
    assert fates(found) == {"settings": "kept", "data": "kept", "right": "done"}
    assert set(ran(dsml.run("job.py", only=["left,report"][0].split(",")))) == {"left", "report"}


def test_a_step_whose_needs_never_ran_is_told(job):
    with pytest.raises(UsageError, match="Expected the state of step 'settings', which is needed"):
        dsml.run("job.py", only=["left"])


def test_a_plan_says_what_would_run_and_runs_nothing(done):
    (done / "data.csv").write_text("x\n7\n")
    before = (done / "report.txt").read_text()
    plan = dsml.run("job.py", resume=True, dry_run=True)
    assert fates(plan) == {
        "settings": "kept", "data": "runs", "left": "may run", "right": "may run", "report": "may run",
    }  # fmt: skip
    assert "if `df` of data changes" in str(plan) and plan.exit_code == 0
    assert (done / "report.txt").read_text() == before
    assert fates(dsml.run("job.py", dry_run=True)) == dict.fromkeys(ALL, "runs")


def test_another_release_of_a_library_runs_again(done):
    for path in (done / ".dsml/job/steps").glob("*.json"):
        record = json.loads(path.read_text())
        path.write_text(json.dumps({**record, "versions": {**record["versions"], "pandas": "1.0"}}))
    import pandas as pd

    assert again()["left"] == f"pandas 1.0 became {pd.__version__}"


def test_what_is_damaged_is_made_again(done):
    text = (done / "job.py").read_text()
    (done / "job.py").write_text(text.replace("f.x.mean() *", "f.x.min() *"))
    for blob in (done / ".dsml/job/blobs").rglob("*"):
        if blob.is_file() and blob.stat().st_size > 1000:
            blob.write_bytes(blob.read_bytes()[:-1] + b"\0\0")
    found = again()
    assert found["data"].startswith("what it left is damaged")
    assert (done / "report.txt").read_text() == "18 0.5"
    (done / ".dsml/job/steps/left.json").write_text("{")
    assert again() == {"left": "it has not run yet"}


def test_equal_data_are_kept_once(workdir):
    (workdir / "job.py").write_text(
        "# %% A\nimport numpy as np\nbig = np.arange(1_000_000.0)\n# %% B\nother = big.copy()\nx = 1\n# %% C\nx = 2"
    )
    dsml.run("job.py")
    blobs = [path.stat().st_size for path in (workdir / ".dsml/job/blobs").rglob("*") if path.is_file()]
    assert 8_000_000 < sum(blobs) < 9_000_000
    (workdir / "job.py").write_text("# %% A\nx = 1")
    dsml.run("job.py")
    assert (
        sum(path.stat().st_size for path in (workdir / ".dsml/job/blobs").rglob("*") if path.is_file())
        < 1_000_000
    )


def test_a_loop_that_cells_share_is_there_in_every_process(workdir):
    import nbformat

    from tests.pipeline.conftest import notebook

    cells = [
        "import asyncio",
        {"md": "# A"},
        "a = await asyncio.sleep(0, 1)",
        {"md": "# B"},
        "b = await asyncio.sleep(0, a + 1)",
    ]
    nbformat.write(
        notebook(*cells, {"md": "# C"}, "open('out.txt', 'w').write(repr((a, b)))"), workdir / "job.ipynb"
    )
    dsml.run("job.ipynb")
    (workdir / "out.txt").unlink()
    assert set(again()) == {"c"}
    text = (workdir / "job.py").read_text()
    (workdir / "job.py").write_text(text.replace("a + 1", "a + 2"))
    assert set(again()) == {"b", "c"} and (workdir / "out.txt").read_text() == "(1, 3)"
