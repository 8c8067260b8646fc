"""The shell's face: exit codes, and what goes to which stream."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from dsml_magics.command.cli import main, overview
from dsml_magics.command.registry import commands
from dsml_magics.errors import DataError
from dsml_magics.version import __version__


def test_the_value_is_printed(compare, capsys):
    assert main(["compare", "a.csv", "--bins", "3"]) == 0
    assert "'bins': 3" in capsys.readouterr().out


def test_nothing_is_printed_for_none(registered, capsys):
    def rest() -> None:
        """Rest."""

    registered(rest)
    assert main(["rest"]) == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_the_commands_are_listed(arguments, capsys):
    assert main(arguments) == 0
    out = capsys.readouterr().out
    assert all(f"dsml {name}" in out and command.summary in out for name, command in commands.items())


def test_the_version_is_told(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"dsml {__version__}\n"


def test_an_unknown_command_is_answered_by_the_nearest(capsys):
    assert main(["profil", "a.csv"]) == 2
    assert capsys.readouterr().err == "dsml: no command 'profil'. Did you mean 'profile'?\n"


def test_an_error_the_user_can_mend_is_one_line(registered, capsys):
    def load(path: str, /) -> None:
        """Load."""
        raise DataError(f"no table in {path}")

    registered(load)
    assert main(["load", "x.csv"]) == 2
    assert capsys.readouterr().err == "dsml: no table in x.csv\n"


def test_a_bug_keeps_its_traceback(registered):
    def buggy() -> None:
        """Fail."""
        raise KeyError("ours")

    registered(buggy)
    with pytest.raises(KeyError, match="ours"):
        main(["buggy"])


def test_an_interrupt_ends_with_130(registered):
    def wait() -> None:
        """Wait."""
        raise KeyboardInterrupt

    registered(wait)
    assert main(["wait"]) == 130


def test_a_command_that_is_told_to_end_puts_away_what_it_began(registered):
    ended = []

    def begin() -> None:
        """Begin."""
        try:
            signal.raise_signal(signal.SIGTERM)
        finally:
            ended.append("begin")

    registered(begin)
    before = signal.getsignal(signal.SIGTERM)
    assert main(["begin"]) == 130
    assert ended == ["begin"]
    assert signal.getsignal(signal.SIGTERM) == before


def test_the_notebook_overview_shows_how_each_is_typed():
    rows = overview("%dsml_", "%%dsml_")
    assert all(
        f"{'%%' if command.is_block else '%'}dsml_{name} " in rows for name, command in commands.items()
    )


@pytest.fixture
def dsml(tmp_path):
    script = shutil.which("dsml", path=str(Path(sys.executable).parent))
    words = (
        [script]
        if script
        else [sys.executable, "-c", "from dsml_magics.command.cli import main; raise SystemExit(main())"]
    )
    root = str(Path(__file__).parents[2])

    def run(*arguments, **more):
        environment = {**os.environ, "PYTHONPATH": root}
        return subprocess.run(
            [*words, *arguments],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env=environment,
            check=False,
            **more,
        )

    return run


def test_a_process_ends_with_success(dsml, tmp_path):
    (tmp_path / "a.csv").write_text("age,city\n1,Oslo\n2,Rome\n")
    done = dsml("profile", "a.csv")
    assert (done.returncode, done.stderr) == (0, "")
    assert "age" in done.stdout


def test_a_process_ends_with_two_and_one_line(dsml, tmp_path):
    (tmp_path / "train.csv").write_text("a\n1\n")
    done = dsml("profile", "trian.csv")
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "dsml: No file 'trian.csv'. Did you mean 'train.csv'?\n"


def test_a_bug_ends_a_process_with_its_traceback(tmp_path):
    code = (
        "from dsml_magics.command.registry import command\nfrom dsml_magics.command.cli import main\n"
        "def buggy() -> None:\n    raise KeyError('ours')\ncommand(buggy)\nraise SystemExit(main(['buggy']))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.splitlines()[0] == "Traceback (most recent call last):"
