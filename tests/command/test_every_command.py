"""The tests every command gets for free: magic == Python == translated code == shell."""

import inspect
from types import SimpleNamespace

import pandas as pd
import pytest

import dsml_magics
from dsml_magics.command.cli import main
from dsml_magics.command.parameter import choices_of, is_list, kind_of, option_of
from dsml_magics.command.parser import help_text, parse
from dsml_magics.command.registry import Command, commands
from dsml_magics.command.words import Word, split

pytestmark = pytest.mark.slow

TRAIN = pd.DataFrame({"age": [20, 40], "my column": [1, 2]})
NAMES = {"train": TRAIN, "model": SimpleNamespace(predict=len), "seed": 7}

# What a word for each kind of argument may look like in a notebook, and in a shell.
WORDS = {
    "frame": ['train[train["age"] > 30]', "data/train.parquet", "train", "'train'"],
    "model": ["model", "models:/income@champion", "[model][0]"],
    "column": ["age", '"my column"'],
    "file": ["out.html", '"my report.html"', "out-{seed}.html"],
    "notebook": ["work.ipynb", '"my work.ipynb"'],
    "reference": ["income@champion", "models:/income/3"],
    "setting": ["depth=3", '"label=a, b=c"', "depth={seed}"],
}
PLAIN = {str: ["baseline", '"my run"', "run-{seed}"], int: ["3"], float: ["0.25"]}

EVERY = pytest.mark.parametrize("command", commands.values(), ids=commands)


def words_for(parameter):
    kind = kind_of(parameter)
    if kind and (kind.role == "setting" or not is_list(parameter)):
        return WORDS[kind.role]
    if choices := choices_of(parameter):
        return list(choices)
    if is_list(parameter):
        return ["age,height", '"my column"', "run-{seed},b"]
    types = [kind for kind in PLAIN if kind.__name__ in str(parameter.annotation)]
    return PLAIN[types[0]] if types else []


def lines_of(command):
    """Write lines that together use every parameter and every look of a word."""
    required = [words_for(parameter) for parameter in command.positionals]
    must = [(o, p) for o, p in command.options.items() if p.default is p.empty]
    for turn in range(4):
        start = [words[turn % len(words)] for words in required]
        start += [
            word
            for option, parameter in must
            for word in (option, words_for(parameter)[turn % len(words_for(parameter))])
        ]
        yield " ".join(start)
        for option, parameter in command.options.items():
            if parameter.annotation is bool:
                yield " ".join([*start, option])
            elif parameter.default is not parameter.empty and (words := words_for(parameter)):
                yield " ".join([*start, option, words[turn % len(words)]])


def recording(command):
    """Make the same command, which returns what it was called with instead of doing its work."""

    def record(*args, **kwargs):
        given = command.signature.bind(*args, **kwargs)
        given.apply_defaults()
        return dict(given.arguments)

    record.__name__ = command.name
    record.__signature__ = command.signature
    record.__doc__ = inspect.getdoc(command.function)
    return Command(record)


def same(one, other):
    return {name: repr(value) for name, value in one.items()} == {
        name: repr(value) for name, value in other.items()
    }


@EVERY
def test_the_translated_code_is_the_call(command):
    recorder = recording(command)
    for line in lines_of(command):
        call = parse(recorder, split(line))
        module = SimpleNamespace(**{command.name: recorder.function})
        assert same(eval(call.to_python(), {**NAMES, "dsml": module}), call.run(NAMES)), line


@EVERY
def test_the_magic_is_the_call(command, shell):
    from dsml_magics.notebook.magic import LineMagic

    recorder = recording(command)
    shell.user_ns.update(NAMES)
    for line in lines_of(command):
        assert same(LineMagic(shell, recorder)(line), parse(recorder, split(line)).run(NAMES)), line


@EVERY
def test_python_and_the_magic_bind_the_same_arguments(command):
    recorder = recording(command)
    named = {parameter.name: words_for(parameter)[0] for parameter in command.positionals}
    optional = {
        parameter.name: words_for(parameter)[0]
        for parameter in command.options.values()
        if words_for(parameter)
    }
    line = " ".join(
        [
            *named.values(),
            *(f"{option_of(command.signature.parameters[name])} {word}" for name, word in optional.items()),
        ]
    )
    read = {
        name: value.evaluate(NAMES) if hasattr(value, "evaluate") else value
        for name, value in _read(command, {**named, **optional}).items()
    }
    arguments = [read[name] for name in named]
    direct = recorder.function(*arguments, **{name: read[name] for name in optional})
    assert same(parse(recorder, split(line)).run(NAMES), direct)


def _read(command, words):
    from dsml_magics.command.arguments import argument_of

    read = {}
    for name, source in words.items():
        kind = kind_of(command.signature.parameters[name])
        [word] = split(source)
        if is_list(command.signature.parameters[name]):
            read[name] = str(word).split(",")
            continue
        annotation = command.signature.parameters[name].annotation
        number = next((type_ for type_ in (int, float) if annotation in (type_, type_ | None)), str)
        read[name] = argument_of(word, kind) if kind and kind.is_expression else number(word)
    return read


@EVERY
def test_a_shell_gives_the_words_as_they_are(command):
    recorder = recording(command)
    needed = [
        parameter
        for parameter in command.signature.parameters.values()
        if parameter.default is parameter.empty
    ]
    said = {each.name: (*choices_of(each), f"the {each.name}")[0] for each in needed}
    words = []
    for parameter in needed:
        is_option = parameter.kind is parameter.KEYWORD_ONLY
        words += [*([option_of(parameter)] if is_option else []), said[parameter.name]]
    given = parse(recorder, [Word(word, "shell") for word in words]).run({})
    assert {name: given[name] for name in said} == said


@EVERY
@pytest.mark.parametrize("prefix", ["dsml ", "%dsml_"])
def test_the_help_names_every_parameter(command, prefix):
    text = help_text(command, prefix)
    assert f"Usage: {prefix}{command.name}" in text
    assert command.summary in " ".join(text.split())
    assert all(option in text for option in command.options)
    assert all(parameter.name.upper() in text for parameter in command.positionals)


@EVERY
def test_every_parameter_is_described(command):
    described = inspect.getdoc(command.function).partition("Parameters\n----------\n")[2]
    assert all(f"{name}\n    " in described for name in command.signature.parameters)


@EVERY
@pytest.mark.parametrize("flag", ["-h", "--help"])
def test_the_shell_answers_help_with_success(command, flag, capsys):
    assert main([command.name, flag]) == 0
    assert f"Usage: dsml {command.name}" in capsys.readouterr().out


@EVERY
def test_an_unknown_option_fails_with_two(command, capsys):
    assert main([command.name, "--no-such-option"]) == 2
    out, err = capsys.readouterr()
    assert err.startswith(f"dsml: {command.name}: no option --no-such-option.")
    assert (out, len(err.splitlines())) == ("", 1)


@pytest.mark.parametrize(
    "command",
    [each for each in commands.values() if any(one.default is one.empty for one in each.positionals)],
    ids=lambda each: each.name,
)
def test_missing_arguments_fail_with_two(command, capsys):
    assert main([command.name]) == 2
    assert len(capsys.readouterr().err.splitlines()) <= 2


@EVERY
def test_the_package_offers_the_command(command):
    assert getattr(dsml_magics, command.name) is command.function
    assert command.name in dsml_magics.__all__
