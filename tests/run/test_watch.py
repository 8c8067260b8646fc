"""Which files are the user's, and which a step reads."""

import ast
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from dsml_magics.run.named_files import folders_in
from dsml_magics.run.own_files import is_own
from dsml_magics.run.watch import Watch

_WATCHES = {}


@pytest.fixture
def watch(workdir):
    """The watch of a folder: a hook stays for the life of the process."""
    if "only" not in _WATCHES:
        _WATCHES["only"] = Watch(workdir)
    _WATCHES["only"].folder = workdir
    return _WATCHES["only"]


@pytest.mark.parametrize(
    "path",
    [
        "/usr/src/app/data.csv", "/usr/local/airflow/dags/data.csv", "/run/media/user/data.csv", "/srv/data.csv",
        "/usr/share/mine/data.csv", "/etc/mine/data.csv", "/var/lib/mine/data.csv",
    ],
)  # fmt: skip
def test_files_in_folders_of_the_system_may_be_the_users(path):
    assert is_own(path)


@pytest.mark.parametrize(
    "path", [json.__file__, np.__file__, "/proc/self/status", "/sys/kernel/x", "/dev/null"]
)
def test_files_of_python_of_packages_and_of_the_kernel_are_not(path):
    assert not is_own(path)


@pytest.mark.parametrize(
    ("code", "read", "written"),
    [
        ("open('old').close()", {"old"}, set()),
        ("open('new', 'w').close()", set(), {"new"}),
        ("os.rename('old', 'new')", set(), {"old", "new"}),
        ("os.remove('old')", set(), {"old"}),
        ("os.mkdir('new')", set(), {"new"}),
        # It lists the folder to find them.
        ("glob.glob('*.csv')", {"*", "*.csv"}, set()),
        ("os.listdir('below')", {"below/*"}, set()),
        ("list(os.scandir('below'))", {"below/*"}, set()),
        ("sqlite3.connect('new').close()", set(), {"new"}),
    ],
)
def test_what_python_opens_and_changes_is_noted_as_it_does_so(watch, workdir, code, read, written):
    (workdir / "old").write_text("x")
    (workdir / "below").mkdir()
    # Without a look at the folder before and after.
    watch.begin(looks=False)
    exec(code, {"glob": glob, "os": os, "sqlite3": sqlite3})
    found = watch.end([])
    assert {os.path.relpath(path, workdir) for path in found[0]} == read
    assert {*found[1]} == written


def test_a_folder_that_is_named_is_not_read(watch, workdir):
    (workdir / "images").mkdir()
    (workdir / "images/a.png").write_text("a")
    nodes = ast.parse(
        "IMAGES = Path('images/'); IMAGES.mkdir(exist_ok=True); path = os.path.join(IMAGES, 'b.png')"
    ).body
    watch.begin(looks=False)
    read, _ = watch.end([], folders_in(nodes, {"IMAGES": Path("images")}))
    assert read == {}


def test_a_folder_that_a_call_is_given_is_read_with_all_below(watch, workdir):
    (workdir / "parts/year=1").mkdir(parents=True)
    (workdir / "parts/year=1/a.parquet").write_text("a")
    watch.begin(looks=False)
    read, _ = watch.end([], folders_in(ast.parse("df = pl.read_parquet('parts/')").body, {}))
    assert set(read) == {"parts/year=1/a.parquet"}
    watch.begin(looks=False)
    read, _ = watch.end([], folders_in(ast.parse("df = load(PARTS)").body, {"PARTS": "./parts"}))
    assert set(read) == {"parts/year=1/a.parquet"}


def test_names_of_files_that_are_listed_are_an_input(watch, workdir):
    (workdir / "in").mkdir()
    watch.begin(looks=False)
    assert sorted(Path("in").iterdir()) == []
    read, _ = watch.end([])
    (workdir / "in/new.csv").touch()
    assert list(read) == ["in/*"] and watch.digest("in/*") != read["in/*"]


def test_an_import_lists_nothing_of_the_users(watch, workdir):
    (workdir / "beside_that_is_new.py").write_text("x = 1")
    watch.begin(looks=False)
    with pytest.raises(ImportError):
        __import__("no_such_module_at_all")
    assert watch.end([])[0] == {}


def test_what_was_looked_for_in_vain_is_an_input(watch, workdir):
    stat = os.stat
    watch.begin(looks=False)
    assert not any(map(os.path.exists, ("flag", "made.csv"))) and not Path("other.csv").is_file()
    with pytest.raises(FileNotFoundError):
        Path("opened.csv").read_text()
    Path("made.csv").write_text("x")
    read, written = watch.end([])
    assert read == dict.fromkeys(("flag", "other.csv", "opened.csv"), "") and set(written) == {"made.csv"}
    assert os.stat is stat


def test_variables_that_the_users_code_names_are_heard_and_no_others(watch, workdir, monkeypatch):
    for name in ("MARK", "MY_KEY", "DATA", "ALL_ONLY"):
        monkeypatch.setenv(name, "1")
    monkeypatch.delenv("NO_MARK", raising=False)
    source = (
        "import os, tempfile\nname = 'NO_MARK'\ndef asks():\n    return os.getenv(name)\nasks()\n"
        "os.environ['MARK']\n'PATH' in os.environ\nshutil_which('ls')\n{**os.environ}\nos.path.expanduser('~')\n"
        "dict(os.environ), list(os.environ.items()), os.environ.copy()\n"
        "prefix = 'MY'\nos.environ[prefix + '_KEY']\nos.path.expandvars('$DATA/x')"
    )
    code = compile(source, str(workdir / "job.py"), "exec")
    watch.begin(looks=False)
    exec(code, {"shutil_which": shutil.which})
    watch.end([])
    assert watch.variables.keys() == {"MARK", "NO_MARK", "PATH", "MY_KEY", "DATA"}
    assert watch.variables["NO_MARK"] is None


def test_lookups_of_the_user_in_place_of_ours_stay_and_end(watch, workdir):
    plain = os.stat
    try:
        watch.begin(looks=False)
        ours = os.stat
        os.stat = theirs = lambda path, **options: ours(path, **options)
        watch.end([])
        for _ in range(2):
            watch.begin(looks=False)
            assert workdir.exists() and not Path("flag").exists()
            assert watch.end([])[0] == {"flag": ""} and os.stat is theirs
    finally:
        os.stat = plain


def test_a_variable_is_read_where_nothing_names_the_folders_of_this_package(workdir):
    code = (
        "import os, sys\nfrom pathlib import Path\nfrom dsml_magics.run.watch import Watch\n"
        "watch = Watch(Path.cwd())\nwatch.begin(looks=False)\n"
        "names = {'__name__': '__main__'}\n"
        'ask = \'import os; os.listdir(); level = os.environ.get("LEVEL", "none")\'\n'
        "exec(compile(ask, 'job.py', 'exec'), names)\n"
        # Our folders are others from here on.
        "os.environ['DSML_HOME'] = 'elsewhere'\nexec(compile(ask, 'job.py', 'exec'), names)\n"
        "del os.environ['DSML_HOME']\nexec(compile(ask, 'job.py', 'exec'), names)\n"
        "watch.end([])\nassert (names['level'], watch.variables) == ('none', {'LEVEL': None}), watch.variables"
    )
    named = ("DSML_HOME", "DSML_CACHE", "LEVEL")
    environment = {name: value for name, value in os.environ.items() if name not in named}
    environment |= {"HOME": str(workdir), "PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
