"""The stand-in for ``python`` does what ``python`` does."""

import marshal
import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pytest
from warm_python import WarmPython

TELL = """
import atexit, json, os, sys
atexit.register(print, 'the end')
print(sys.argv, sys.path, os.getcwd(), __name__, __file__ if '__file__' in globals() else None, __package__, __doc__)
print(sorted(name for name in globals() if not name.startswith('__')), sys.stdin.read(), hash('text'))
print(sys.dont_write_bytecode, sys.stdout.write_through, os.environ['MARK'], os.getppid(), sys.flags.hash_randomization)
print(sys.stdout.name, sys.stdout.encoding, sys.stderr.errors, sys.stdout.line_buffering, 'IPython' in sys.modules)
"""


@pytest.fixture
def both(warm_python, tmp_path):
    """A function that runs words with both; it returns what each left."""

    def run(*words, **environment):
        environment = {**os.environ, "PYTHONHASHSEED": "0", "MARK": "here", **environment}
        return [
            subprocess.run(
                [executable, *words],
                cwd=tmp_path,
                env=environment,
                input=b"given",
                capture_output=True,
                timeout=60,
            )
            for executable in (warm_python, sys.executable)
        ]

    return run


def _equal(both):
    warm, usual = both
    assert (warm.returncode, warm.stdout) == (usual.returncode, usual.stdout)
    assert warm.stdout.decode().splitlines()[-1] == "the end"
    return warm, usual


@pytest.mark.parametrize(
    "more", [{}, {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": "/a:/b"}]
)
def test_it_runs_code_files_and_modules(both, tmp_path, more):
    (tmp_path / "tell.py").write_text(TELL)
    _equal(both("-c", TELL, "a", "-b", **more))
    _equal(both("-P", "-c", TELL, "a", **more))
    _equal(both("tell.py", "a", **more))
    _equal(both("-m", "tell", "a", **more))


@pytest.mark.parametrize(
    "code", ["raise SystemExit(3)", "raise SystemExit('why')", "1 / 0", "import os; os.abort()"]
)
def test_it_ends_as_its_code_does(both, tmp_path, code):
    (tmp_path / "end.py").write_text(f"import atexit\natexit.register(print, 'end', flush=True)\n{code}")
    warm, usual = both("end.py")
    assert (warm.returncode, warm.stdout) == (usual.returncode, usual.stdout)
    assert warm.stderr.decode().splitlines()[-2:] == usual.stderr.decode().splitlines()[-2:]


@pytest.mark.parametrize(
    "more", ["", "import sys\nsys.modules['__main__'].itself = open\n", "class A:\n    def f(self): 0\n"]
)
def test_a_file_that_is_left_open_is_written(warm_python, tmp_path, more):
    def warm(*words):
        environment = {**os.environ, "PYTHONHASHSEED": "0"}
        subprocess.run([warm_python, *words], cwd=tmp_path, env=environment, check=True)

    (tmp_path / "leave.py").write_text(
        f"{more}import sys\nfile = open(sys.argv[1], 'w')\nfile.write('all')\n"
    )
    for words in (["leave.py"], ["-m", "leave"], ["-c", (tmp_path / "leave.py").read_text()]):
        warm(*words, "left.txt")
        assert (tmp_path / "left.txt").read_text() == "all"
        (tmp_path / "left.txt").unlink()


def test_another_hash_seed_and_options_get_the_usual_start(both):
    for words, more in (
        (["-W", "error"], {}),
        ([], {"PYTHONHASHSEED": "7"}),
        ([], {"PYTHONWARNINGS": "ignore"}),
    ):
        warm, usual = both(
            *words,
            "-c",
            "import sys; import warnings; print(hash('text'), sys.warnoptions, sys.flags.utf8_mode, warnings.filters[:2])",
            **more,
        )
        assert warm.stdout == usual.stdout


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_what_ends_it_ends_the_process_behind_it(warm_python, tmp_path, number):
    code = "import os, time\nprint(os.getpid(), flush=True)\ntime.sleep(100)"
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    process = subprocess.Popen(
        [warm_python, "-c", code], env=environment, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    behind = int(process.stdout.readline())
    assert behind != process.pid
    process.send_signal(number)
    # Its end of the pipe is closed with it.
    assert process.stdout.read() == b"" and process.wait(60) in (-number, 1)
    process.stdout.close()
    with suppress(ProcessLookupError):
        while not os.kill(behind, 0):
            time.sleep(0.01)


def test_it_outlives_those_that_ask_and_are_killed_at_once(warm_python):
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    for at in range(40):
        with socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as asks:
            asks.connect(str(Path(warm_python).parent / "plain"))
            request = marshal.dumps((bool(at % 2), ["-c", "import time; time.sleep(100)"], environment, "/"))
            socket.send_fds(asks, [request], [0, 1, 2])
    assert subprocess.run([warm_python, "-c", ""], env=environment).returncode == 0


def test_what_it_starts_starts_by_it_with_the_files_passed_on(both):
    code = """
import os, subprocess, sys
reading, writing = os.pipe()
own = f"import os, sys; os.write({writing}, b'written'); print('dsml_magics.command.cli' in sys.modules, os.getppid() == {os.getpid()})"
subprocess.run([sys.executable, "-c", own], pass_fds=[writing])
print(os.read(reading, 99), flush=True)
"""
    warm, usual = both("-c", code)
    assert warm.stdout == b"True True\nb'written'\n", warm.stderr
    assert usual.stdout == b"False True\nb'written'\n"


def test_a_module_that_is_loaded_already_runs_without_a_warning(both):
    warm, usual = both("-m", "dsml_magics.command.cli", "--version")
    assert (warm.stdout, warm.stderr) == (usual.stdout, usual.stderr)
    assert warm.stdout


def test_where_the_stand_in_is_gone_the_usual_start_is_taken(tmp_path):
    made = WarmPython(tmp_path)
    made.close()
    words = [made.executable, "-c", "print('usual')"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    assert subprocess.run(words, env=environment, capture_output=True, check=True).stdout == b"usual\n"


def test_each_draws_other_numbers(_loaded_python):
    words = [_loaded_python, "-c", "import random, numpy; print(random.random(), numpy.random.rand())"]
    environment = {**os.environ, "PYTHONHASHSEED": "0"}
    said = [subprocess.run(words, env=environment, capture_output=True, check=True).stdout for _ in range(2)]
    (first, second), (third, fourth) = map(bytes.split, said)
    assert first != third
    assert second != fourth
