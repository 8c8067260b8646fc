"""A resumed job runs no more than an edit asks for, and ends as a new run would."""

import pandas as pd
import pytest

import dsml_magics as dsml
from tests.run.conftest import fates

pytestmark = pytest.mark.slow


@pytest.fixture
def edited(workdir):
    """Run a script, edit it, resume it; tell which steps ran, then what a new run writes to ``out.txt``."""

    def edit(source, old, new, **options):
        (workdir / "job.py").write_text(source)
        dsml.run("job.py")
        # What a new run leaves is there as it was read again as well.
        assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}
        assert old in source
        (workdir / "job.py").write_text(source.replace(old, new))
        plan = fates(dsml.run("job.py", resume=True, dry_run=True))
        found = fates(dsml.run("job.py", resume=True, **options))
        ran = {name for name, fate in found.items() if fate == "done"}
        assert ran <= {name for name, fate in plan.items() if fate != "kept"}
        assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}
        out = workdir / "out.txt"
        resumed = out.read_text() if out.exists() else ""
        dsml.run("job.py", state="new")
        assert resumed == (out.read_text() if out.exists() else "")
        return ran

    return edit


WRITE = "\n# %% Write\nopen('out.txt', 'w').write(repr(({})))\n"


def test_a_step_that_binds_the_value_a_name_has_already_binds_it(edited):
    source = "# %% A\nn = 5\n# %% B\nn = 5\nimport json as j\n# %% C\nm = n * 2" + WRITE.format("m")
    assert edited(source, "# %% A\nn = 5", "# %% A\nn = 6") == {"a"}


def test_functions_do_not_change_with_each_other_nor_with_their_lines(edited):
    source = (
        "# %% A\nN = 1\ndef f(x):\n    return x + 1\n\ndef g(x):\n    return x * 2\n\nclass C:\n    size = 3\n"
        "# %% B\nb = f(1)\n# %% C\nc = g(1) + C.size" + WRITE.format("b, c")
    )
    assert edited(source, "N = 1\n", "N = 1\n\n# moved\n\nM = 2\n") == {"a"}
    assert edited(source, "x + 1", "x + 2") == {"a", "b", "write"}


def test_what_is_bound_anew_and_then_changed_is_not_read(edited):
    source = (
        "# %% A\ns = [1]\nfor m in [1]:\n    s.append(m)\n# %% B\ns = [2]\ns.append(3)\nfor m in (4, 5):\n    s += [m]\n"
        "    last = m\n# %% C\nfor m in s:\n    last = m" + WRITE.format("s, m, last")
    )
    assert edited(source, "s = [1]", "s = [0]") == {"a"}
    assert edited(source, "for m in [1]", "for m in [7]") == {"a"}


def test_names_that_hold_one_list_do_not_fall_together(edited):
    source = (
        "# %% A\ncolumns = ['a', 'b']\n# %% B\nmodel = {'columns': columns, 'size': 1}\n"
        "# %% C\nother = {'columns': columns, 'size': 2}\n# %% D\nwidth = len(other['columns'])\n"
        + WRITE.format("width, other['columns'] is columns is model['columns']")
    )
    assert edited(source, "'size': 1", "'size': 7") == {"b", "write"}


def test_what_is_changed_through_a_name_of_the_step_alone_is_changed(edited):
    source = (
        "# %% A\ncolumns = ['a', 'b']\n# %% B\nn = 1\n# %% C\nshort = columns\nshort.append('c')\nshort = None\n"
        "# %% D\nfor each in [columns]:\n    each.append(n)\neach = 0" + WRITE.format("columns")
    )
    assert edited(source, "n = 1", "n = 2") == {"b", "d", "write"}


def test_what_is_changed_through_another_name_is_changed_for_all(edited):
    source = (
        "# %% A\ncolumns = ['a', 'b']\n# %% B\nmodel = {'columns': columns, 'size': 1}\n# %% C\ncopied = columns\n"
        "# %% D\ncopied.append('c')\n# %% E\ncolumns = []" + WRITE.format("model, columns, copied")
    )
    edited(source, "copied = columns\n", "copied = [*columns]\n")
    edited(source, "'size': 1", "'size': 2")
    edited(source, "'columns': columns, ", "'columns': [*columns], ")


def test_settings_count_for_the_steps_that_read_them(edited):
    source = (
        "# %% A\nimport matplotlib.pyplot as plt\nimport pandas as pd\nplt.rcParams['font.size'] = 9\n"
        "pd.set_option('display.max_rows', 7)\n# %% B\nb = sum(range(9))\n"
        "# %% C\nplt.plot([1, b])\nplt.close('all')\n# %% D\nprint(pd.Series(range(20)))\n# %% E\ne = b + 1"
    )
    assert edited(source, "= 9", "= 8") == {"a", "c"}
    assert edited(source, "rows', 7", "rows', 6") == {"a", "c", "d"}


def test_a_draw_after_a_seed_of_its_own_depends_on_no_draw_before(edited):
    source = (
        "# %% A\nimport numpy as np\nnp.random.seed(1)\na = np.random.rand(2)\n# %% B\nb = np.random.rand(2)\n"
        "# %% C\nnp.random.seed(2)\nc = np.random.rand(2)" + WRITE.format("b.tolist(), c.tolist()")
    )
    assert edited(source, "a = np.random.rand(2)", "a = np.random.rand(3)") == {"a", "b", "write"}


def test_a_draw_that_nobody_seeded_is_as_good_as_another(workdir):
    source = "# %% A\nimport random\na = random.random()\n# %% B\nb = random.random()\n# %% C\nc = b"
    (workdir / "job.py").write_text(source)
    dsml.run("job.py")
    (workdir / "job.py").write_text(source.replace("a = ", "n = 1\na = "))
    found = fates(dsml.run("job.py", resume=True))
    assert found == {"a": "done", "b": "kept", "c": "kept"}
    (workdir / "job.py").write_text(source.replace("a = ", "random.seed(3)\na = "))
    found = fates(dsml.run("job.py", resume=True))
    assert found == {"a": "done", "b": "done", "c": "done"}


def test_a_figure_that_is_not_read_is_not_kept_and_made_again_where_it_is(edited):
    source = (
        "# %% A\nimport matplotlib.pyplot as plt\n# %% B\nfig, ax = plt.subplots()\nn = 1\nplt.close('all')\n"
        "# %% C\nc = n" + WRITE.format("c")
    )
    assert edited(source, "c = n", "c = n + 1") == {"c", "write"}
    assert edited(source, "c = n", "c = ax.get_title() + 'x'") >= {"b", "c", "write"}


def test_a_figure_nobody_reads_any_more_is_no_input(edited):
    source = (
        "# %% A\nimport matplotlib.pyplot as plt\ndef draw(title):\n    fig, ax = plt.subplots()\n"
        "    ax.set_title(title)\n    return fig\n# %% B\nax = plt.figure().add_subplot(title='b')\nplt.close('all')\n"
        "# %% C\nfig = draw('c')\nfig.savefig('c.png')\nplt.close('all')"
    )
    assert edited(source, "title='b'", "title='d'") == {"b"}


def test_a_folder_that_steps_write_into_is_no_input_of_the_one_that_names_it(edited, workdir):
    source = (
        "# %% A\nfrom pathlib import Path\nIMAGES = Path() / 'images' / 'all'\nIMAGES.mkdir(parents=True, exist_ok=True)\n"
        "PLACE = 'images/all/'\n# %% B\n(IMAGES / 'b.txt').write_text('b')\n# %% C\n(IMAGES / 'c.txt').write_text('c')"
    )
    (workdir / "images/all").mkdir(parents=True)
    (workdir / "images/all/c.txt").write_text("before")
    assert edited(source, "text('c')", "text('d')") == {"c"}


@pytest.mark.parametrize("text", ["str(a)", "f'{a}'", "'%s' % a", "np.array2string(a)", "show(a)"])
def test_a_text_of_a_value_depends_on_how_values_are_shown(edited, text):
    source = (
        "# %% Show\nimport numpy as np\nnp.set_printoptions(precision=2)\ndef show(x):\n    return repr(x)\n"
        f"# %% Data\na = np.array([1.23456789])\n# %% Text\nt = {text}\n# %% Sum\ns = a.sum()"
        "\n# %% Write\nopen('out.txt', 'w').write(t)\n"
    )
    assert edited(source, "precision=2", "precision=5") == {"show", "text", "write"}


def test_a_secret_of_the_environment_that_changed_changes_what_reads_it(edited):
    source = (
        "# %% Set\nimport os\nos.environ['MY_TOKEN'] = '-'.join(['sesame', 'one'])\n"
        "# %% Use\nn = os.environ['MY_TOKEN']" + WRITE.format("n")
    )
    assert edited(source, "'one'", "'two'") == {"set", "use", "write"}
    # Set anew to what it was, it is the same.
    assert edited(source, "repr((n))", "repr((n, 1))") == {"set", "write"}


def test_a_folder_of_one_word_that_is_read_as_a_table_is_an_input(workdir):
    (workdir / "parts").mkdir()
    pd.DataFrame({"x": [1.0]}).to_parquet("parts/a.parquet")
    (workdir / "job.py").write_text("# %% A\nimport pandas as pd\nx = pd.read_parquet('parts')['x'].sum()\n")
    dsml.run("job.py")
    pd.DataFrame({"x": [5.0]}).to_parquet("parts/a.parquet")
    assert fates(dsml.run("job.py", resume=True)) == {"a": "done"}


def test_a_setting_of_matplotlib_that_is_read_is_an_input(edited):
    source = (
        "# %% Set\nimport matplotlib.pyplot as plt\nplt.rcParams['figure.dpi'] = 50.0\n"
        "# %% Read\nd = plt.rcParams['figure.dpi']\n# %% Other\nn = 1" + WRITE.format("d, n")
    )
    assert edited(source, "50.0", "70.0") == {"set", "read", "write"}


def test_files_that_were_not_there_and_variables_outside_are_inputs(workdir, monkeypatch):
    monkeypatch.setenv("LEVEL", "one-secret")
    (workdir / "job.py").write_text(
        "# %% A\nfrom pathlib import Path\nfound = Path('flag').exists()\n"
        "# %% B\nimport os\nlevel = os.environ['LEVEL'][:3]\n# %% C\nn = 1"
    )
    dsml.run("job.py")
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}
    state = b"".join(path.read_bytes() for path in (workdir / ".dsml").rglob("*") if path.is_file())
    assert b"LEVEL" in state and b"one-secret" not in state
    (workdir / "flag").touch()
    monkeypatch.setenv("LEVEL", "two")
    done = dsml.run("job.py", resume=True, dry_run=True)
    assert {step.name: step.why for step in done.steps if step.fate == "runs"} == {
        "a": "file flag was missing and now exists",
        "b": "variable LEVEL of the environment changed",
    }


def test_a_folder_that_was_missing_is_an_input_and_what_later_steps_write_is_none(workdir):
    (workdir / "job.py").write_text(
        "# %% A\nfrom pathlib import Path\nhas = Path('holdout').is_dir()\n"
        "# %% B\nfound = Path('model.pkl').exists() or Path('out').exists() or Path('new').exists()\n"
        "# %% C\nPath('model.pkl').write_text('m')\nPath('out/a').mkdir(parents=True)\n"
        "Path('new').mkdir()\nPath('new/a.txt').write_text('a')"
    )
    dsml.run("job.py")
    assert set(fates(dsml.run("job.py", resume=True, dry_run=True)).values()) == {"kept"}
    (workdir / "holdout").mkdir()
    (workdir / "model.pkl").write_text("of the user")
    done = dsml.run("job.py", resume=True, dry_run=True)
    assert {step.name: step.why for step in done.steps if step.fate == "runs"} == {
        "a": "folder holdout was missing and now exists",
        "b": "file model.pkl was missing and now exists",
        "c": "its file model.pkl changed",
    }


def test_a_lookup_that_a_step_keeps_holds_no_variables_and_changes_nothing(workdir, monkeypatch):
    monkeypatch.setenv("API_KEY", "raw-secret-of-mine")
    (workdir / "job.py").write_text(
        "# %% A\nimport os\nfrom os import stat\nlook, item = os.stat, type(os.environ).__getitem__\n"
        "os.path.exists('flag')\nn = len(os.environ['API_KEY'])\n"
        "# %% B\nm = look('.').st_mode + n + len(item(os.environ, 'API_KEY')) + stat('.').st_mode"
    )
    dsml.run("job.py")
    state = b"".join(path.read_bytes() for path in (workdir / ".dsml").rglob("*") if path.is_file())
    assert b"API_KEY" in state and b"raw-secret-of-mine" not in state
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}
    # What reads them again finds them as they were kept.
    assert fates(dsml.run("job.py", from_="b")) == {"a": "kept", "b": "done"}
    assert set(fates(dsml.run("job.py", resume=True)).values()) == {"kept"}


def test_a_step_that_makes_the_ledger_does_not_depend_on_what_is_beside_it(workdir):
    (workdir / "job.py").write_text(
        "# %% A\nfrom dsml_magics.ledger.making import make_if_new\nmake_if_new('sqlite:///mlflow.db')\n"
    )
    dsml.run("job.py")
    assert {path.name for path in workdir.iterdir()} == {".dsml", "job.py", "mlflow.db"}
    (workdir / "new.txt").touch()
    assert fates(dsml.run("job.py", resume=True, dry_run=True)) == {"a": "kept"}
