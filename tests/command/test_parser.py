"""Words to a call; every misfit is answered in a line with the nearest right word."""

import subprocess
import sys

import pytest

from dsml_magics.command.arguments import Expression, Setting
from dsml_magics.command.parser import help_text, parse, usage
from dsml_magics.command.words import Word, split
from dsml_magics.errors import UsageError


def bound(command, line):
    call = parse(command, split(line))
    return call.positional, dict(call.keyword)


@pytest.mark.parametrize(
    ("line", "positional", "keyword"),
    [
        ("train", [Expression("train")], {}),
        ("train test", [Expression("train"), Expression("test")], {}),
        ("a.csv", ["a.csv"], {}),
        ("train --target age", [Expression("train")], {"target": "age"}),
        ("--target age train", [Expression("train")], {"target": "age"}),
        ("train --target=age", [Expression("train")], {"target": "age"}),
        ('train --target "a b"', [Expression("train")], {"target": "a b"}),
        ('train --target="a b"', [Expression("train")], {"target": "a b"}),
        ("train --method psi --bins 5 --cut 0.25 --exact", [Expression("train")], {"method": "psi", "bins": 5, "cut": 0.25, "exact": True}),
        ("train --no-exact", [Expression("train")], {"exact": False}),
        ("train --columns a,b", [Expression("train")], {"columns": ["a", "b"]}),
        ("train --columns a, --columns=b,c", [Expression("train")], {"columns": ["a", "b", "c"]}),
        ('train --columns "a, b" --columns {c}', [Expression("train")], {"columns": ["a, b", Expression("c")]}),
        ("train --out report-{seed}.html", [Expression("train")], {"out": Expression('f"report-{seed}.html"')}),
        ("-train.T", [Expression("-train.T")], {}),
        ('train[train["a b"] > 3]', [Expression('train[train["a b"] > 3]')], {}),
        ("train --bins -3", [Expression("train")], {"bins": -3}),
    ],
)  # fmt: skip
def test_words_are_bound_to_parameters(compare, line, positional, keyword):
    call = parse(compare, split(line))
    given = {
        name: value for name, value in call.keyword.items() if value != compare.options[f"--{name}"].default
    }
    assert [value for value in call.positional if value is not None] == positional
    assert given == {
        name: value for name, value in keyword.items() if value != compare.options[f"--{name}"].default
    }


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("train --targt age", r"compare: no option --targt. Did you mean '--target'\?"),
        ("--targt age train", r"compare: no option --targt. Did you mean '--target'\?"),
        ("train --zzz", "no option --zzz. Known: --target, --method"),
        ("train --no-exat", "no option --no-exat"),
        ("train --method pso", "psi"),
        ("train --bins many", "many.*bins|bins.*many"),
        ("train --bins 1.5", "1.5"),
        ("train --cut x", "x.*cut|cut.*x"),
        ("", "DATA"),
        ("--target age", "DATA"),
        ("train --target", "--target"),
        ("train test more", "did not expect `more`. Usage: compare DATA \\[OTHER\\]"),
        ("train > 30", "did not expect `30`.*Put an expression with blanks into parentheses"),
        ("train >", "Expected a frame .a name, an expression or a path., got `>`"),
        ("df['a", "closing quote"),
    ],
    ids=str,
)  # fmt: skip
def test_words_that_do_not_fit_are_answered(compare, line, said):
    with pytest.raises(UsageError, match=said) as caught:
        parse(compare, split(line))
    assert len(str(caught.value).splitlines()) <= 2
    assert "_Carried" not in str(caught.value)


def test_words_of_a_shell_are_never_expressions(compare):
    call = parse(compare, [Word("train", "shell"), Word("--target", "shell"), Word("{x}", "shell")])
    assert call.positional[0] == "train"
    assert call.keyword["target"] == "{x}"


def test_parsing_gives_plain_text(compare):
    call = parse(compare, split('train.csv --target "age"'))
    assert type(call.positional[0]) is str
    assert type(call.keyword["target"]) is str


def test_parsing_does_not_change_once_pydantic_is_imported(compare):
    pytest.importorskip("pydantic")
    assert parse(compare, split("train --out x.html")).positional[0] == Expression("train")


def test_the_help_names_every_parameter(compare):
    text = help_text(compare, "%dsml_")
    assert "Usage: %dsml_compare DATA [OTHER] [OPTIONS]" in text
    assert all(option in text for option in compare.options)
    assert "Number of bins." in text


def test_the_usage_is_one_line(compare):
    assert usage(compare) == "dsml compare DATA [OTHER] [OPTIONS]"


def test_no_module_but_the_parser_imports_cyclopts():
    code = "import sys, dsml_magics, dsml_magics.command.cli; print('cyclopts' in sys.modules, 'rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_commas_part_words_but_not_the_value_of_a_setting(registered):
    def settings(*, names: list[str] | None = None, param: list[Setting] | None = None) -> dict:
        """Give them back."""
        return dict(names=names, param=param)

    words = ["--names", "a,b", "--param", "a=x, y=1", "--param", "b=[1, 2]"]
    call = parse(registered(settings), [Word(word, "shell") for word in words])
    assert call.run({}) == {"names": ["a", "b"], "param": ["a=x, y=1", "b=[1, 2]"]}
