"""`%load_ext dsml_magics` registers every command, and costs next to nothing."""

import os
import subprocess
import sys
from pathlib import Path

from dsml_magics.command.registry import commands

HEAVY = {
    "mlflow",
    "sklearn",
    "pandas",
    "polars",
    "pyarrow",
    "matplotlib",
    "numpy",
    "duckdb",
    "cyclopts",
    "rich",
    "jinja2",
}

LOAD = """
import sys
from IPython.core.interactiveshell import InteractiveShell
shell = InteractiveShell.instance()
before = set(sys.modules)
shell.run_line_magic("load_ext", "dsml_magics")
print(*{name.partition(".")[0] for name in set(sys.modules) - before})
"""


def ours(shell):
    return {
        kind: {name for name in magics if name.startswith("dsml")}
        for kind, magics in shell.magics_manager.magics.items()
    }


def matchers(shell):
    return [
        matcher for matcher in shell.Completer.custom_matchers if matcher.matcher_identifier == "dsml_magics"
    ]


def test_loading_imports_no_heavy_library(tmp_path):
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2]), "IPYTHONDIR": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", LOAD], capture_output=True, text=True, env=environment, check=True
    )
    loaded = set(done.stdout.split())
    assert "dsml_magics" in loaded
    assert loaded & HEAVY == set()


def test_every_command_is_a_line_or_a_cell_magic(shell):
    blocks = {f"dsml_{name}" for name, command in commands.items() if command.is_block}
    lines = {f"dsml_{name}" for name, command in commands.items() if not command.is_block}
    assert ours(shell) == {"line": lines | {"dsml"}, "cell": blocks}


def test_loading_again_registers_nothing_twice(shell):
    before = ours(shell)
    shell.run_line_magic("reload_ext", "dsml_magics")
    assert ours(shell) == before
    assert len(matchers(shell)) == 1


def test_unloading_takes_everything_away(shell):
    shell.run_line_magic("unload_ext", "dsml_magics")
    assert ours(shell) == {"line": set(), "cell": set()}
    assert matchers(shell) == []
    assert not [name for name in vars(shell.magics_manager.user_magics) if name.startswith("dsml")]


def test_unloading_leaves_the_magics_of_others(shell):
    shell.register_magic_function(lambda line: line, magic_name="dsmlx")
    shell.run_line_magic("unload_ext", "dsml_magics")
    assert "dsmlx" in shell.magics_manager.magics["line"]


def test_loading_after_unloading_works(shell):
    shell.run_line_magic("unload_ext", "dsml_magics")
    shell.run_line_magic("load_ext", "dsml_magics")
    assert "dsml_profile" in ours(shell)["line"]


def test_dsml_lists_every_command(shell, capsys):
    shell.run_cell("%dsml")
    out = capsys.readouterr().out
    assert all(f"dsml_{name} " in out and command.summary in out for name, command in commands.items())


def test_dsml_with_a_word_is_answered_by_the_nearest(shell, capsys):
    assert not shell.run_cell("%dsml profile").success
    assert "Did you mean '%dsml_profile'?" in capsys.readouterr().out


def test_a_question_mark_shows_the_help(shell, capsys):
    shell.run_cell("%dsml_profile?")
    out = capsys.readouterr().out
    assert "Usage: %dsml_profile DATA [OPTIONS]" in out
    assert "--target" in out


def test_a_question_mark_shows_the_help_of_a_cell_magic(shell, capsys):
    shell.run_cell("%%dsml_track?")
    assert "Usage: %%dsml_track RUN [OPTIONS]" in capsys.readouterr().out


def test_the_kernel_shows_the_help_as_a_tooltip(kernel):
    assert "Usage: %dsml_profile DATA [OPTIONS]" in kernel.inspect("%dsml_profile")


def test_the_help_option_prints_the_help(shell, capsys):
    for line in ("%dsml_profile --help", "%dsml_profile -h", "%%dsml_track --help\n1/0"):
        assert shell.run_cell(line).success
        assert "Usage: %" in capsys.readouterr().out


def test_a_kernel_prints_the_help_as_text(kernel):
    answer = kernel.run("%dsml_profile --help")
    assert answer.text.startswith("Usage: %dsml_profile DATA [OPTIONS]")
    assert answer.results == []
