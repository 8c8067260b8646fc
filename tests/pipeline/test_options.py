"""The cell tagged `parameters` becomes a command line."""

import pytest

from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import notebook, script

CELL = (
    "parameters",
    """
max_depth = 3  # Depth, 50% at most
# Share of rows
# for testing
share: float = 1
verbose = True  # Talk
name = "a"
layers = [1, 2]
options = {"a": 1}
path = None
""",
)
RESULT = "result = [max_depth, share, verbose, name, layers, options, path]"


def test_the_values_of_the_notebook_are_the_defaults(result):
    assert result(CELL, RESULT) == [3, 1, True, "a", [1, 2], {"a": 1}, None]


def test_options_are_typed(result):
    words = ["--max-depth", "5", "--share", "0.5", "--no-verbose", "--name", "b", "--layers", "[3]"]
    words += ["--options", "{'b': 2}", "--path", "x y"]
    assert result(CELL, RESULT, arguments=words) == [5, 0.5, False, "b", [3], {"b": 2}, "x y"]


def test_an_option_may_be_spelled_as_the_name(result):
    assert result(CELL, "result = max_depth", arguments=["--max_depth", "-1"]) == -1


def test_help_shows_the_title_the_comments_and_the_defaults(run):
    shown = run(script({"md": "# Tour of 100 %"}, CELL), "--help").stdout
    assert "Tour of 100 %" in shown
    assert "Depth, 50% at most (default: 3)" in " ".join(shown.split())
    assert "Share of rows for testing (default: 1)" in " ".join(shown.split())


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--max-depth", "x"], "argument --max-depth/--max_depth: invalid int value: 'x'"),
        (["--layers", "5"], "argument --layers: expected a Python list, got '5'"),
        (["--layers", "[a]"], "argument --layers: expected a Python list, got '[a]'"),
        (["--nope", "1"], "unrecognized arguments: --nope 1"),
    ],
)
def test_a_wrong_option_is_named(run, words, said):
    done = run(script(CELL), *words, check=False)
    assert done.returncode == 2
    assert said in done.stderr


def test_importing_the_script_reads_no_arguments(run, tmp_path):
    (tmp_path / "converted.py").write_text(script(CELL))
    assert run("import converted\nprint(converted.max_depth)", "--max-depth", "9").stdout == "3\n"


def test_names_the_cell_computes_are_warned_of():
    pipeline = pipeline_of(notebook(("parameters", "a = 1\nb = a * 2")), "example")
    assert [parameter.name for parameter in pipeline.parameters] == ["a"]
    assert "`b` of the parameters cell is computed" in pipeline.warnings[0]


def test_a_name_that_cannot_be_an_option_is_warned_of(result):
    cell = ("parameters", "help = 1\nx = True\nno_x = 2\nresult = 0")
    assert result(cell, "result += x", arguments=["--no-x"]) == 0
    assert len(pipeline_of(notebook(cell), "example").warnings) == 2


def test_only_the_first_parameters_cell_counts():
    pipeline = pipeline_of(notebook(("parameters", "a = 1"), ("parameters", "b = 1")), "example")
    assert [parameter.name for parameter in pipeline.parameters] == ["a"]
    assert "code cell 1 counts" in pipeline.warnings[0]


def test_the_command_line_overrides_what_papermill_injected(result):
    cells = [("parameters", "a = 1\nb = 1"), ("injected-parameters", "a = 2\nb = 2"), "result = [a, b]"]
    assert result(*cells, arguments=["--a", "3"]) == [3, 2]


FILE = "max_depth: 7\nshare: 1\nverbose: false\nname: b\nlayers: [4]\noptions: {b: 2}\npath: 3\n"


def test_a_file_gives_values_and_options_go_before_it(result, tmp_path):
    (tmp_path / "p.yaml").write_text(FILE)
    words = ["--params", "p.yaml", "--name", "c"]
    assert result(CELL, RESULT, arguments=words) == [7, 1, False, "c", [4], {"b": 2}, 3]


def test_a_parameter_named_as_the_option_is_set_by_the_file(result, tmp_path):
    (tmp_path / "p.yaml").write_text("params: [2]")
    assert result(
        ("parameters", "params = [1]\nx = 0"), "result = params", arguments=["--params", "p.yaml"]
    ) == [2]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("max_depth: deep", "--params: expected max_depth as int, got 'deep'"),
        ("nope: 1", "--params: expected some of ['max_depth',"),
        ("[1]", "--params: expected some of ['max_depth',"),
        ("a: [", "--params: while parsing"),
        (None, "--params: [Errno 2] No such file"),
    ],
)
def test_a_wrong_file_is_named(run, tmp_path, text, said):
    if text is not None:
        (tmp_path / "p.yaml").write_text(text)
    done = run(script(CELL), "--params", "p.yaml", check=False)
    assert done.returncode == 2
    assert said in done.stderr


def test_types_in_comments_are_those_of_papermill():
    cell = (
        "parameters",
        "a = None  # type: float Share of rows\nb = 1  # type: float\nc: 'int' = 2  # Count",
    )
    found = pipeline_of(notebook(cell), "example").parameters
    assert [(each.name, each.kind, each.help) for each in found] == [
        ("a", "float", "Share of rows"),
        ("b", "float", ""),
        ("c", "int", "Count"),
    ]
