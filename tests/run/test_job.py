"""A script runs step by step, as plain Python would run it; what each step did is told."""

import gzip
import json
import subprocess
import sys

import pytest

import dsml_magics as dsml
from dsml_magics.errors import StepFailed, UsageError
from dsml_magics.run import logs
from tests.run.conftest import fates, shell

pytestmark = pytest.mark.slow


@pytest.mark.whole
def test_a_job_does_what_the_script_does(job):
    subprocess.run([sys.executable, "job.py"], check=True, capture_output=True)
    plain = (job / "report.txt").read_text()
    (job / "report.txt").unlink()
    done = dsml.run("job.py")
    assert (job / "report.txt").read_text() == plain == "18 1.0"
    assert [(step.name, step.fate) for step in done.steps] == [
        ("settings", "done"), ("data", "done"), ("left", "done"), ("right", "done"), ("report", "done"),
    ]  # fmt: skip
    assert (done.state, done.exit_code, done.files) == ("finished", 0, ("report.txt",))
    assert done.steps[1].seconds > 0 and done.steps[1].peak_memory_mb > 10


def test_what_steps_print_is_shown_and_logged(job, capsys):
    (job / "say.py").write_text(
        "# %% One\nimport os, sys, warnings\nprint('out', flush=True)\nos.system('echo shell')\n"
        "print('err', file=sys.stderr)\nwarnings.warn('old')\n# %% Two\nprint('two')"
    )
    done = dsml.run("say.py")
    said = capsys.readouterr()
    assert said.out == "out\nshell\ntwo\n"
    assert "err\n" in said.err and "UserWarning: old" in said.err
    logs = {path.name: path.read_text() for path in __import__("pathlib").Path(done.log).iterdir()}
    facts = json.loads(logs["01-one.json"])
    assert facts["warnings"] == ["UserWarning: old"] and facts["peak_memory_mb"] > 1 and facts["seconds"] > 0
    assert logs["01-one.out"] == "out\nshell\n" and logs["02-two.out"] == "two\n"
    assert done.steps[0].warnings == ("UserWarning: old",)


def test_parameters_come_from_words_and_files(job):
    (job / "p.yaml").write_text("depth: 5\nshare: 2\n")
    done = dsml.run("job.py", params="p.yaml", param=["depth=10"])
    assert (job / "report.txt").read_text() == "60 4.0"
    assert done.parameters == {"depth": 10, "share": 2.0}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["deep=3"], "no parameter 'deep'. Did you mean 'depth'?"),
        (["depth=x"], "Expected depth as int, got 'x'"),
        (["depth=1.5"], "Expected depth as int, got 1.5"),
        (["share=[1, 2]"], "Expected share as float, got"),
        (["depth"], "Expected a parameter such as --param depth=3, got 'depth'"),
        (["depth=__import__('os')"], "Expected depth as int"),
    ],
)
def test_a_wrong_parameter_is_told_before_anything_runs(job, words, told):
    with pytest.raises(UsageError) as refused:
        dsml.run("job.py", param=words)
    assert told in str(refused.value)
    assert not (job / ".dsml/job/steps").exists()


def test_parameters_of_all_kinds_arrive(workdir):
    cells = "a = 1\nb = 0.5\nc = 'x'\nd = True\ne = [1]\nf = {'k': 1}\ng = (1, 2)\nh = None"
    _notebook(workdir / "kinds.ipynb", cells, "open('out.txt', 'w').write(repr((a, b, c, d, e, f, g, h)))")
    words = ["a=7", "b=2", "c=x, y=z", "d=no", "e=[1, 2]", "f={'a': [1, 2]}", "g=(3, 4)", "h=text"]
    dsml.run("kinds.ipynb", param=words)
    assert (workdir / "out.txt").read_text() == repr(
        (7, 2.0, "x, y=z", False, [1, 2], {"a": [1, 2]}, (3, 4), "text")
    )
    assert (workdir / "kinds.py").exists()


def _notebook(path, parameters, code):
    import nbformat

    from tests.pipeline.conftest import notebook

    nbformat.write(notebook(("parameters", parameters), {"md": "# Then"}, code), path)


def test_a_step_that_fails_shows_its_source_and_the_traceback(job):
    (job / "bad.py").write_text(
        "# %% Good\nx = 1\n\n# %% Bad\ndef f():\n    return x / 0\n\nf()\n# %% After\ny = 1"
    )
    done = shell("run", "bad.py", folder=job, check=False)
    assert done.returncode == 1
    assert "Step 'bad' (Bad) of bad.py failed: ZeroDivisionError: division by zero" in done.stderr
    assert "    6     return x / 0" in done.stderr
    assert 'bad.py", line 8, in <module>' in done.stderr and "ZeroDivisionError" in done.stderr
    assert "dsml_magics" not in done.stderr.partition("Traceback")[2].partition("Its output")[0]
    with pytest.raises(StepFailed):
        dsml.run("bad.py")


@pytest.mark.whole
def test_a_step_that_takes_too_long_is_ended_with_all_it_started(job):
    (job / "long.py").write_text(
        "# %% Short\nx = 1\n# %% Long\nimport subprocess, time\n"
        "child = subprocess.Popen(['sleep', '300'])\nopen('pid', 'w').write(str(child.pid))\ntime.sleep(300)"
    )
    with pytest.raises(StepFailed, match="longer than the 3 s of --timeout"):
        dsml.run("long.py", timeout=3)
    import psutil

    pid = int((job / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == "zombie"
    assert fates(dsml.run("long.py", resume=True, dry_run=True)) == {"short": "kept", "long": "runs"}


def test_a_step_that_ends_its_process_is_told(job):
    (job / "end.py").write_text("# %% A\nx = 1\n# %% B\nimport os\nos.abort()")
    with pytest.raises(StepFailed, match="Step 'b' did not end: the process was ended by SIGABRT"):
        dsml.run("end.py")
    (job / "leave.py").write_text("# %% A\nimport sys\nsys.exit('no data')")
    with pytest.raises(StepFailed, match="SystemExit: no data"):
        dsml.run("leave.py")


def test_a_script_may_end_before_its_last_step(job):
    (job / "early.py").write_text("# %% A\nx = 1\n# %% B\nimport sys\nsys.exit(0)\n# %% C\nopen('c', 'w')")
    done = dsml.run("early.py")
    assert (done.state, list(fates(done))) == ("finished", ["a", "b", "c"])
    assert not (job / "c").exists()


def test_a_step_that_forks_goes_on_once(job):
    (job / "fork.py").write_text(
        "# %% Fork\nimport os\npid = os.fork()\nif not pid:\n    open('child', 'w').close()\nelse:\n    os.waitpid(pid, 0)\n"
        "# %% After\nopen('after', 'a').write('x')"
    )
    dsml.run("fork.py")
    assert (job / "child").exists() and (job / "after").read_text() == "x"


def test_what_a_step_prints_without_end_does_not_fill_the_disk(job, monkeypatch, capsys):
    monkeypatch.setattr(logs, "_MOST", 1 << 20)
    (job / "loud.py").write_text(
        "# %% Loud\nimport time\nfor _ in range(40):\n    print('x' * (1 << 18))\n    time.sleep(0.02)\n# %% End\nx = 1"
    )
    done = dsml.run("loud.py")
    assert done.state == "finished"
    assert sum(path.stat().st_size for path in (job / done.log).glob("01-loud.out")) < 8 << 20


def test_steps_of_definitions_classes_and_main_are_as_in_plain_python(workdir):
    (workdir / "helper.py").write_text("VALUE = 3\n")
    (workdir / "main.py").write_text(
        '"""Doc."""\nfrom __future__ import annotations\n\nimport pickle\n\n# %% Define\n'
        "import helper\n\nclass A:\n    def value(self) -> nowhere:\n        return helper.VALUE + later\n\n"
        "# %% Use\nlater = 4\ntext = pickle.dumps(A())\n# %% Read\n"
        "import sys\nresult = [pickle.loads(text).value(), __name__, __doc__, sys.argv[0], A.__module__, __file__]\n"
        "open('out.txt', 'w').write(repr(result))"
    )
    dsml.run("main.py")
    stepwise = (workdir / "out.txt").read_text()
    subprocess.run([sys.executable, "main.py"], check=True)
    assert stepwise == (workdir / "out.txt").read_text()


def test_only_the_first_of_the_faces_differs(job, shell):
    line = dsml.run("job.py")
    magic = shell.run_line_magic("dsml_run", "job.py --resume")
    assert [step.name for step in magic.steps] == [step.name for step in line.steps]
    assert {step.fate for step in magic.steps} == {"kept"}
    assert "Job job" in str(magic) and json.loads(json.dumps(magic.to_dict()))["state"] == "finished"


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (dict(timeout=0.0), "--timeout in seconds above 0"),
        (dict(jobs=0), "--jobs of 1 or more"),
        (dict(only=["data"], resume=True), "either --only"),
        (dict(only=["dat"]), "a step of job.py, got 'dat'. Did you mean 'data'?"),
    ],
)
def test_wishes_that_cannot_be_met_are_told(job, options, told):
    with pytest.raises(UsageError) as refused:
        dsml.run("job.py", **options)
    assert told in str(refused.value)


@pytest.mark.whole
def test_a_job_ends_as_python_does(workdir):
    (workdir / "beside.py").write_text(
        "import gzip\nplain = open('plain.txt', 'w')\npacked = gzip.open('packed.gz', 'wb')\n"
        "class Log:\n    file = open('log.bin', 'wb')\n"
        "def write(text, file=open('given.txt', 'w')):\n"
        "    for each in (plain, file):\n        each.write(text)\n"
        "    for each in (packed, Log.file):\n        each.write(text.encode())\n"
    )
    (workdir / "job.py").write_text(
        "# %% A\nimport atexit, os, threading, time\nfrom pathlib import Path\nimport beside\nbeside.write('x')\n"
        # A daemon waits for what it reads.
        "threading.Thread(target=os.fdopen(os.pipe()[0], 'rb').read, daemon=True).start()\n"
        "class Closes:\n    def __del__(self):\n        Path('closed').touch()\n"
        "held = Closes()\nheld.itself = held\natexit.register(Path('left').touch)\n"
        "threading.Thread(target=lambda: (time.sleep(0.2), Path('joined').touch())).start()"
    )
    dsml.run("job.py")
    assert {"closed", "left", "joined"} <= {path.name for path in workdir.iterdir()}
    files = ("plain.txt", "given.txt", "log.bin")
    assert [(workdir / name).read_text() for name in files] == ["x"] * 3
    assert gzip.decompress((workdir / "packed.gz").read_bytes()) == b"x"


def test_a_job_that_is_stopped_while_its_process_ends_says_so(workdir):
    (workdir / "job.py").write_text(
        "# %% A\nimport atexit, os, signal, time\n"
        "atexit.register(lambda: (os.kill(os.getppid(), signal.SIGINT), time.sleep(60)))"
    )
    done = shell("run", "job.py", folder=workdir, check=False)
    assert done.returncode and "Stopped. Steps that are done are kept" in done.stderr
    assert "Traceback" not in done.stderr
