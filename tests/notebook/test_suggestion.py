"""A magic that there is not: the nearest command is named."""

import pytest


def said(shell, code, capsys):
    capsys.readouterr()
    assert not shell.run_cell(code).success
    return capsys.readouterr().err.strip().splitlines()


@pytest.mark.parametrize(
    ("code", "meant"),
    [
        ("%dsml_profil t", "Did you mean `%dsml_profile`?"),
        ("p = %dsml_deplyo m", "Did you mean `%dsml_deploy`?"),
        ("%%dsml_trak base\n1", "Did you mean `%%dsml_track`?"),
        ("%dsml_zzz", "`%dsml_zzz` not found. `%dsml` lists the commands."),
    ],
)
def test_the_nearest_command_is_named(shell, capsys, code, meant):
    (line,) = said(shell, code, capsys)
    assert line.startswith("UsageError: ")
    assert meant in line


def test_other_magics_are_told_as_ever(shell, capsys):
    (line,) = said(shell, "%nosuch", capsys)
    assert line == "UsageError: Line magic function `%nosuch` not found."


def test_unloading_takes_it_away(shell, capsys):
    shell.run_line_magic("unload_ext", "dsml_magics")
    assert "Did you mean" not in said(shell, "%dsml_profil t", capsys)[0]


def test_missing_words_are_told_with_an_example(shell, capsys):
    capsys.readouterr()
    assert not shell.run_cell("%dsml_deploy").success
    assert "Example: `%dsml_deploy model --name income --data train`" in capsys.readouterr().out
