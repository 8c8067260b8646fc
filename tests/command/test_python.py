"""Commands called as Python functions: what users write for names, and errors that end in their own line."""

import subprocess
import sys

import pandas as pd
import polars as pl
import pytest

import dsml_magics as dsml
from dsml_magics.command.arguments import Column, Frame, Reference, Target
from dsml_magics.command.example import example
from dsml_magics.command.parser import parse
from dsml_magics.command.registry import commands
from dsml_magics.command.words import Word, split
from dsml_magics.errors import ColumnNotFound, UsageError

pytestmark = pytest.mark.slow

TABLE = pd.DataFrame({"income": [1, 2, 4], "sex": ["f", "m", "f"], 0: [1, 2, 3]})


@pytest.fixture
def echo(registered):
    """A command that gives back what it was given."""

    def echo(
        data: Frame,
        /,
        *,
        target: Column | None = None,
        label: Target | None = None,
        groups: list[Column] | None = None,
        silence: list[str] | None = None,
        name: Reference | None = None,
    ) -> dict:
        """Give back.

        Examples
        --------
        >>> dsml.echo(train, target="my income", groups="sex")  # doctest: +SKIP
        """
        return {key: value for key, value in locals().items() if value is not None and key != "data"}

    return registered(echo).function


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ({"groups": "sex"}, {"groups": ["sex"]}),
        ({"groups": TABLE.sex}, {"groups": ["sex"]}),
        ({"groups": TABLE[["sex", "income"]]}, {"groups": ["sex", "income"]}),
        ({"groups": ("sex", "income")}, {"groups": ["sex", "income"]}),
        ({"groups": [0, TABLE.sex]}, {"groups": ["0", "sex"]}),
        ({"groups": pd.Index(["sex"])}, {"groups": ["sex"]}),
        ({"silence": "zeros"}, {"silence": ["zeros"]}),
        ({"silence": {"zeros": "1"}}, {"silence": {"zeros": "1"}}),
        ({"target": TABLE.income}, {"target": "income"}),
        ({"target": 0}, {"target": "0"}),
        ({"target": ("a", "x")}, {"target": "a_x"}),
        ({"label": 0}, {"label": "0"}),
        ({"label": "income"}, {"label": "income"}),
    ],
    ids=repr,
)
def test_names_are_taken_as_users_write_them(echo, given, taken):
    assert echo(TABLE, **given) == taken


def test_values_are_taken_where_values_will_do(echo):
    values = TABLE.income * 2
    assert echo(TABLE, label=values)["label"] is values


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"target": pd.Series([1, 2, 3])},
            "Expected the name of a column as target, got Series without a name",
        ),
        ({"target": TABLE.income * 2}, "got other values by the name 'income'"),
        ({"target": TABLE}, "Expected the name of a column as target, got DataFrame"),
        ({"groups": [TABLE]}, "Expected the name of a column as groups, got DataFrame"),
        ({"silence": 3}, "Expected text as silence, got int"),
        ({"name": TABLE}, "Expected text as name, got DataFrame"),
        ({"traget": "income"}, "unexpected keyword argument 'traget'. Did you mean 'target'"),
    ],
    ids=repr,
)
def test_what_is_of_no_use_is_told_in_one_line(echo, given, message):
    with pytest.raises(UsageError, match=message) as raised:
        echo(TABLE, **given)
    assert "\n" not in str(raised.value)


def test_a_missing_argument_is_told_with_an_example(echo):
    with pytest.raises(
        UsageError, match=r"'data'. Example: `dsml.echo\(train, target=\"my income\", groups=\"sex\"\)`"
    ):
        echo()


def test_an_unknown_choice_is_told():
    with pytest.raises(UsageError, match="Expected one of 'en', 'ko' as lang, got 'fr'"):
        dsml.profile(TABLE, lang="fr")


def test_a_column_of_another_library_is_taken_by_its_name():
    table = pl.DataFrame({"a": [1, 2, 3], "b": [1, 2, 4]})
    assert dsml.profile(table, target=table["b"]).target.column == "b"
    with pytest.raises(UsageError, match="other values"):
        dsml.profile(table, target=table["b"] * 2)


def test_a_column_that_is_not_there_is_told_with_the_nearest():
    with pytest.raises(ColumnNotFound, match="No column 'incom' in pandas.DataFrame. Did you mean 'income'"):
        dsml.profile(TABLE, target=TABLE.income.rename("incom"))


@pytest.mark.parametrize("first", [TABLE, pl.DataFrame({"a": [1]})], ids=["pandas", "polars"])
def test_tables_are_no_runs(workdir, first):
    with pytest.raises(
        UsageError, match=r"Expected two runs, got tables.*dsml.profile\(first, compare=second\)"
    ):
        dsml.compare(first, TABLE)
    with pytest.raises(UsageError, match=r"id or name of a run, got a table \(DataFrame\)"):
        dsml.reproduce(TABLE)


def test_words_that_name_tables_are_no_runs_of_a_magic(shell, capsys):
    shell.user_ns.update(one=TABLE, two=TABLE)
    for line in ("%dsml_compare one two", "%dsml_compare one nothing"):
        assert not shell.run_cell(line).success
        assert "Expected two runs, got tables. Compare tables by `dsml.profile" in capsys.readouterr().out
    with dsml.track("one"), dsml.track("two"):
        pass
    dsml.sync()
    assert shell.run_cell("%dsml_compare one two").success


@pytest.mark.parametrize("command", commands.values(), ids=commands)
def test_the_example_of_a_command_can_be_typed(command):
    required = [each for each in command.signature.parameters.values() if each.default is each.empty]
    shown = {prefix: example(command, prefix) for prefix in ("dsml ", "%dsml_")}
    if not required:
        return
    shell = parse(command, [Word(word, "shell") for word in shown["dsml "].split()[2:]])
    notebook = parse(command, split(shown["%dsml_"].partition(" ")[2]))
    for call in (shell, notebook):
        command.signature.bind(*call.positional, **call.keyword)


@pytest.mark.parametrize(
    ("prefix", "line"), [("dsml ", "dsml promote income 3"), ("%dsml_", "%dsml_promote income 3")]
)
def test_missing_words_are_told_with_an_example(prefix, line):
    with pytest.raises(UsageError, match=f"Example: `{line}`"):
        parse(commands["promote"], [], prefix=prefix)


SCRIPT = """
import sys
import dsml_magics as dsml

def work(table):
    return dsml.profile(table, target="incme")

{hook}
work({{"income": [1, 2]}})
"""


def traceback_of(tmp_path, hook=""):
    (tmp_path / "script.py").write_text(SCRIPT.format(hook=hook))
    ran = subprocess.run(
        [sys.executable, "script.py"], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert ran.returncode == 1
    return ran.stderr.splitlines()


def test_an_error_in_a_script_ends_in_its_line(tmp_path):
    lines = traceback_of(tmp_path)
    assert lines[0] == "Traceback (most recent call last):"
    assert [line.split(", ")[0].strip() for line in lines if line.lstrip().startswith("File")] == [
        f'File "{tmp_path}/script.py"'
    ] * 2
    assert lines[-1].endswith("ColumnNotFound: No column 'incme' in dict. Did you mean 'income'?")
    assert len(lines) <= 8


def test_a_hook_of_the_user_is_left_alone(tmp_path):
    lines = traceback_of(
        tmp_path, "sys.excepthook = lambda kind, error, trace: print('mine', file=sys.stderr)"
    )
    assert lines == ["mine"]


def test_a_bug_keeps_its_traceback(registered):
    def broken() -> int:
        """Break."""
        return list[int]()[0]

    with pytest.raises(IndexError) as raised:
        registered(broken).function()
    assert raised.traceback[-1].name == "broken"


def test_an_error_in_a_kernel_ends_in_the_cell(kernel):
    reply = kernel.run(
        "import dsml_magics as dsml\ntable = {'income': [1, 2]}\ndsml.profile(\n    table, target='incme')"
    )
    shown = "\n".join(reply.errors[0]["traceback"])
    assert "No column 'incme' in dict" in shown
    assert "table, target='incme'" in shown
    assert "dsml_magics/" not in shown
    assert shown.count("\n") < 10
