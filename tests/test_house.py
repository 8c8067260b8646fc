"""The plan of the house: imports only point down, loading is light, the public names and the README are true."""

import ast
import importlib
import inspect
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

import dsml_magics
from dsml_magics import errors
from dsml_magics.command.parser import usage
from dsml_magics.command.registry import commands

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "dsml_magics"

FLOORS = {
    "version": 0,
    "errors": 0,
    "files": 1,
    "installed": 1,
    "process": 1,
    "redaction": 1,
    "command": 1,
    "frames": 1,
    "ledger": 1,
    "profile": 2,
    "package": 3,
    "pipeline": 3,
    "track": 3,
    "run": 4,
    "runs": 4,
    "deploy": 4,
    "export": 4,
    "score": 4,
    "serve": 4,
    "verify": 4,
    "versions": 5,
    "notebook": 6,
}
HEAVY = ("mlflow", "sklearn", "pandas", "polars", "pyarrow", "matplotlib", "numpy", "cyclopts", "jinja2")


def imports_of(path):
    """List the rooms of dsml_magics that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        modules = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        modules += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        found.update(module.split(".")[1] for module in modules if module.startswith("dsml_magics."))
    return found


def room_of(path):
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


@pytest.mark.parametrize(
    "path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: str(path.relative_to(PACKAGE))
)
def test_imports_only_point_down(path):
    room = room_of(path)
    if room == "__init__":
        return
    for imported in imports_of(path) - {room}:
        assert FLOORS[imported] <= FLOORS[room], f"{room} is below {imported}"


def test_only_the_ledger_and_packages_know_mlflow():
    knowing = {
        room_of(path)
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(import|from) mlflow", path.read_text(), re.MULTILINE)
    }
    assert knowing <= {"ledger", "package", "deploy"}


def test_only_the_parser_knows_cyclopts():
    knowing = {
        path.name
        for path in PACKAGE.rglob("*.py")
        if re.search(r"^\s*(import|from) cyclopts", path.read_text(), re.MULTILINE)
    }
    assert knowing == {"parser.py"}


def test_loading_the_extension_imports_nothing_heavy():
    code = (
        "import sys\nfrom IPython.core.interactiveshell import InteractiveShell\n"
        "shell = InteractiveShell.instance()\nbefore = set(sys.modules)\n"
        "shell.run_line_magic('load_ext', 'dsml_magics')\n"
        "print(*sorted({name.partition('.')[0] for name in set(sys.modules) - before}))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    loaded = done.stdout.split()
    assert "dsml_magics" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_no_two_tests_have_one_name():
    # pytest imports them by their bare name, all into one process.
    names = [path.name for path in (ROOT / "tests").rglob("test_*.py")]
    assert sorted(names) == sorted(set(names))


def test_the_public_names_are_there():
    for name in dsml_magics.__all__:
        assert getattr(dsml_magics, name) is not None
    assert set(commands) <= set(dsml_magics.__all__)
    assert all(dsml_magics.__dict__[name] is command.function for name, command in commands.items())


def test_the_tree_of_errors_is_drawn_in_its_module():
    drawn = re.findall(
        r"^[\s│├└─]*([A-Z]\w+)", errors.__doc__.partition("::")[2].partition("Every")[0], re.MULTILINE
    )
    defined = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and issubclass(value, Exception)
    ]
    assert drawn == defined


def test_the_readme_lists_every_command():
    rows = ["| command | what it does |", "|---|---|"]
    for _, command in sorted(commands.items()):
        rows.append(
            f"| `{usage(command, '%%dsml_' if command.is_block else '%dsml_')}` | {command.summary} |"
        )
    listed = (ROOT / "README.md").read_text().partition("tests -->\n")[2].partition("<!-- end")[0]
    assert listed.strip().splitlines() == rows


@pytest.mark.parametrize("command", commands.values(), ids=lambda command: command.name)
def test_every_parameter_of_a_command_is_explained(command):
    doc = inspect.getdoc(command.function)
    for name in command.signature.parameters:
        assert re.search(rf"^{name}\n    \S", doc, re.MULTILINE), (
            f"{command.name}: {name} has no words in Parameters"
        )


MODULES = {
    "pytest-timeout": "pytest_timeout",
    "pytest-xdist": "xdist",
    "psycopg2-binary": "psycopg2",
    "xgboost-cpu": "xgboost",
}


@pytest.mark.parametrize(
    "extra", ["lab", "duckdb", "spark", "dask", "ray", "xgboost", "lightgbm", "torch", "tour", "test"]
)
def test_what_an_extra_installs_can_be_imported(extra):
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"][extra]
    names = [re.match(r"[\w-]+", requirement)[0] for requirement in declared]
    for name in set(names) - {"dsml-magics"}:
        importlib.import_module(MODULES.get(name, name.replace("-", "_")))
