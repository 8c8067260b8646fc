"""What Tab offers on the line of a magic."""

from typing import Literal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from IPython.core.completer import provisionalcompleter

from dsml_magics.command import registry
from dsml_magics.command.registry import commands
from dsml_magics.notebook.cursor import cursor_at

pytestmark = pytest.mark.slow

NAMES = """
import pandas as pd, polars as pl
from sklearn.linear_model import LinearRegression
train = pd.DataFrame({"age": [1], "hours per week": [2], 'say "hi"': [3], "agility": [4]})
lazy = pl.LazyFrame({"height": [1]})
columns = {"width": [1]}
model = LinearRegression()
_hidden = train
number = 3
"""


def offered(shell, text, after=""):
    """List what the line becomes with each completion."""
    with provisionalcompleter():
        found = list(shell.Completer.completions(text + after, len(text)))
    return [text[: one.start] + one.text for one in found]


def ours(shell, text, after=""):
    with provisionalcompleter():
        found = list(shell.Completer.completions(text + after, len(text)))
    return [one.text for one in found if one.type in ("option", "choice", "column", "table", "model")]


@pytest.fixture
def filled(shell):
    shell.run_cell(NAMES).raise_error()
    return shell


def test_commands_are_completed(shell):
    assert offered(shell, "%dsml_prof") == ["%dsml_profile"]
    assert offered(shell, "%%dsml_tr") == ["%%dsml_track"]


@pytest.mark.parametrize(
    "start",
    ["%dsml_profile train ", "x = %dsml_profile train ", "    y=%dsml_profile train ", "%dsml_profile "],
)
def test_options_are_completed(filled, start):
    assert offered(filled, start + "--ta") == [start + "--target"]


@pytest.mark.parametrize("command", [name for name, command in commands.items() if command.options])
def test_every_option_of_every_command_is_offered(shell, command):
    percents = "%%" if commands[command].is_block else "%"
    assert set(ours(shell, f"{percents}dsml_{command} -")) == {*commands[command].options, "--help"}


def test_options_of_a_cell_magic_are_completed_above_its_body(shell):
    assert offered(shell, "%%dsml_track first --ex", "\nx = 1") == ["%%dsml_track first --experiment"]


def test_the_body_of_a_cell_is_left_to_ipython(filled):
    assert ours(filled, "%%dsml_track first\ntrai") == []


@pytest.mark.parametrize(
    "text",
    [
        "%dsml_profile train --target ag",
        "%dsml_profile train --target=ag",
        "%dsml_profile train[train.age > 1] --target ag",
    ],
)
def test_columns_are_completed(filled, text):
    assert ours(filled, text) == ["age", "agility"]


def test_columns_with_blanks_are_quoted(filled):
    assert offered(filled, "%dsml_profile train --target ho") == [
        '%dsml_profile train --target "hours per week"'
    ]
    assert offered(filled, "%dsml_profile train --target 'hours p") == [
        "%dsml_profile train --target 'hours per week'"
    ]


def test_columns_with_quotes_are_quoted_so_that_they_come_back(filled):
    from dsml_magics.command.words import split

    [line] = offered(filled, "%dsml_profile train --target sa")
    assert split(line)[-1] == 'say "hi"'


def test_columns_of_lazy_frames_and_dicts_are_known(filled):
    assert ours(filled, "%dsml_profile lazy --target ") == ["height"]
    assert ours(filled, "%dsml_profile columns --target ") == ["width"]


def test_columns_without_a_table_are_not_guessed(filled):
    assert ours(filled, "%dsml_profile --target ") == []
    assert ours(filled, "%dsml_profile nowhere --target ") == []


def test_tables_are_completed_by_name(filled):
    assert ours(filled, "%dsml_profile ") == ["lazy", "train"]
    assert ours(filled, "x = %dsml_profile tr") == ["train"]
    assert ours(filled, "%dsml_profile train --compare la") == ["lazy"]


def test_models_are_completed_by_name(filled):
    assert ours(filled, "%dsml_deploy ") == ["model"]
    assert ours(filled, "%dsml_deploy model --name x --data tr") == ["train"]


def test_attributes_and_brackets_are_left_to_ipython(filled):
    assert "%dsml_profile train.age" in offered(filled, "%dsml_profile train.ag")
    assert ours(filled, "%dsml_profile train[trai") == []


def test_files_are_left_to_ipython(filled, workdir):
    (workdir / "figures.csv").touch()
    assert "%dsml_profile figures.csv" in offered(filled, "%dsml_profile figu")


def test_choices_are_completed(shell, monkeypatch):
    def compare(
        data: str, /, *, method: Literal["ks", "psi", "kolmogorov"] = "ks", exact: bool = False
    ) -> str:
        """Compare."""

    monkeypatch.setitem(registry._registry, "compare", registry.Command(compare))
    assert ours(shell, "%dsml_compare x --method ") == ["kolmogorov", "ks", "psi"]
    assert ours(shell, "%dsml_compare x --method=k") == ["kolmogorov", "ks"]
    assert ours(shell, "%dsml_compare x --exact=") == ["false", "true"]
    assert ours(shell, "%dsml_compare x --exact --method p") == ["psi"]


def test_an_object_that_cannot_say_its_columns_does_not_break_completion(filled, capsys):
    filled.run_cell(
        "class Broken(dict):\n    @property\n    def columns(self): raise RuntimeError('no')\nbroken = Broken()"
    )
    assert ours(filled, "%dsml_profile broken --target ") == []
    assert "Traceback" not in capsys.readouterr().err


def test_nothing_is_evaluated(filled):
    filled.run_cell("calls = []\ndef load(): calls.append(1); return train")
    offered(filled, "%dsml_profile load() --target ")
    assert filled.user_ns["calls"] == []


def test_no_other_line_is_touched(filled):
    assert ours(filled, "%time tr") == []
    assert ours(filled, "trai") == []
    assert ours(filled, "%dsml_nosuch --ta") == []


@given(st.text(alphabet=st.sampled_from("%dsml_profile train --target=\"'[]{}() age\n#;\\"), max_size=40))
def test_any_line_can_be_read(text):
    cursor_at("%dsml_profile " + text, commands)
    cursor_at(text, commands)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=50)
@given(text=st.text(alphabet=st.sampled_from("train --compare target=\"'[]{}() age#;\\"), max_size=30))
def test_any_line_can_be_completed(filled, text):
    offered(filled, "%dsml_profile " + text)


def test_a_kernel_completes(kernel):
    kernel.run("import pandas as pd; train = pd.DataFrame({'age': [1], 'hours per week': [2]})")
    assert kernel.complete("%dsml_profile train --ta") == ["%dsml_profile train --target"]
    assert kernel.complete("%dsml_profile train --target ag") == ["%dsml_profile train --target age"]
    assert kernel.complete("%dsml_profile train --target h") == [
        '%dsml_profile train --target "hours per week"'
    ]
    assert kernel.complete("x = %dsml_profile tra")[0] == "x = %dsml_profile train"
    assert "%dsml_profile" in kernel.complete("%dsml_pr")
