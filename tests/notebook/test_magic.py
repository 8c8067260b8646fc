"""A line that is a call: what it sees, what it gives back, and how it fails."""

import pytest


def last(shell, code):
    result = shell.run_cell(code)
    result.raise_error()
    return result.result


def said(shell, code, capsys):
    capsys.readouterr()
    assert not shell.run_cell(code).success
    return capsys.readouterr().out.strip().splitlines()


def test_the_value_is_returned(own):
    assert last(own, "%dsml_add 2 3") == 5


def test_the_value_can_be_assigned(own):
    own.run_cell("total = %dsml_add 2 3")
    assert own.user_ns["total"] == 5


def test_a_last_semicolon_silences(own):
    assert last(own, "%dsml_add 2 3;") is None


def test_a_table_is_profiled(shell):
    shell.run_cell("import pandas as pd; train = pd.DataFrame({'age': [1, 2, 3], 'my column': list('xyz')})")
    profile = last(shell, "%dsml_profile train[train['age'] > 1] --target 'my column'")
    assert profile.rows == 2


def test_a_magic_inside_a_function_sees_its_locals(shell):
    code = (
        "def rows(limit):\n"
        "    table = {'age': [number for number in range(limit)]}\n"
        "    found = %dsml_profile table\n"
        "    return found.rows\n"
        "rows(4)"
    )
    assert last(shell, code) == 4


def test_a_local_name_hides_a_global_one(shell):
    code = "table = {'a': [1]}\ndef rows(table):\n    p = %dsml_profile table\n    return p.rows\nrows({'a': [1, 2]})"
    assert last(shell, code) == 2


def test_a_comprehension_on_the_line_sees_the_namespace(shell):
    shell.run_cell("limit = 2; ages = [1, 2, 3]")
    assert last(shell, "%dsml_profile {'age': [age for age in ages if age <= limit]}").rows == 2


def test_dollars_and_braces_are_not_filled_in_as_text(shell):
    shell.run_cell("import pandas as pd; train = pd.DataFrame({'$age': [1, 2]}); age = 'wrong'")
    assert last(shell, "%dsml_profile train[['$age']]").rows == 2


def test_the_namespace_is_left_alone(shell):
    shell.run_cell("table = {'a': [1]}")
    before = set(shell.user_ns)
    shell.run_line_magic("dsml_profile", "(copy := table)")
    assert set(shell.user_ns) == before


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        (
            "%dsml_profile train --targt age",
            "UsageError: profile: no option --targt. Did you mean '--target'?",
        ),
        ("%dsml_profile trian", "NameNotFound: No name 'trian' here. Did you mean 'train'?"),
        (
            "%dsml_profile train --target agee",
            "ColumnNotFound: No column 'agee' in dict. Did you mean 'age'?",
        ),
        ("%dsml_profile train.csv", "TableNotFound: No file 'train.csv'. Did you mean 'trains.csv'?"),
        ("%dsml_profile train['b']", "ExpressionFailed: `train['b']` raised KeyError: 'b'"),
    ],
)
def test_what_the_user_can_mend_is_one_line(shell, capsys, workdir, line, answer):
    (workdir / "trains.csv").write_text("a\n1\n")
    shell.run_cell("train = {'age': [1, 2]}")
    assert said(shell, line, capsys) == [answer]


@pytest.mark.parametrize(
    "line",
    [
        "%dsml_profile",
        "%dsml_profile df['a",
        "%dsml_profile train x y",
        "%dsml_add many",
        "%dsml_add 1.5",
        "%dsml_profile train.",
        "%dsml_profile 3",
    ],
)
def test_any_other_misfit_is_at_most_two_lines(own, capsys, line):
    own.run_cell("train = {'age': [1, 2]}")
    assert 1 <= len(said(own, line, capsys)) <= 2


def test_an_error_of_two_lines_keeps_both(own, capsys):
    assert said(own, "%dsml_twoline x", capsys) == ["DataError: First line.", "Second line."]


def test_a_bug_keeps_its_traceback(own, capsys):
    lines = said(own, "%dsml_add 1 --fail", capsys)
    assert "Traceback (most recent call last)" in lines[1]
    assert lines[-1] == "KeyError: 'ours'"


def test_the_same_error_in_plain_python_keeps_its_traceback(shell, capsys):
    lines = said(shell, "import dsml_magics as dsml\ndsml.profile('nowhere.csv')", capsys)
    assert "Traceback (most recent call last)" in lines[1]


def test_an_unknown_command_is_answered_by_ipython(shell, capsys):
    shell.run_cell("%dsml_profil x")
    assert "`%dsml_profil` not found" in capsys.readouterr().err


def test_a_kernel_answers_with_one_error_of_one_line(kernel):
    answer = kernel.run("train = {'age': [1]}\n%dsml_profile train --targt age")
    assert (answer.status, answer.text) == ("error", "")
    [error] = answer.errors
    assert error["traceback"] == ["UsageError: profile: no option --targt. Did you mean '--target'?"]
    assert error["ename"] == "UsageError"


def test_a_kernel_shows_a_bug_with_its_traceback(own_kernel):
    [error] = own_kernel.run("%dsml_add 1 --fail").errors
    assert error["ename"] == "KeyError"
    assert len(error["traceback"]) > 2


def test_a_kernel_shows_the_value(own_kernel):
    assert own_kernel.run("%dsml_add 2 3").results == ["5"]
    assert own_kernel.run("%dsml_add 2 3;").results == []
