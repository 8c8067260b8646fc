"""What the lines of a cell become, to the character."""

import ast

import pytest

from dsml_magics.errors import NotebookError
from dsml_magics.pipeline.reading import pipeline_of
from tests.pipeline.conftest import body, notebook, script


def test_code_without_magics_stays_to_the_character():
    source = "x  =  { 'a':1 }   # a comment\n\n\ny = '''\n  %time\n'''  ;  z=x"
    assert body(source) == source + "\n"


def test_our_line_magic_is_a_call():
    source = script("%load_ext dsml_magics\np = %dsml_profile train[train.age > 30] --target income;")
    assert "import dsml_magics as dsml\n" in source
    assert source.endswith('# %%\np = dsml.profile(train[train.age > 30], target="income")\n')


def test_a_tracked_cell_is_a_with_block_and_its_strings_keep_their_lines():
    cell = "%%dsml_track baseline\ntext = '''\n  a\nb'''\nif text:\n    %dsml_profile {'a': [1]}\n"
    assert body(cell) == (
        'with dsml.track("baseline"):\n'
        "    text = '''\n  a\nb'''\n"
        "    if text:\n        dsml.profile({'a': [1]})\n"
    )


def test_an_empty_tracked_cell_has_a_body():
    assert (
        body("%%dsml_track empty\n# nothing yet")
        == 'with dsml.track("empty"):\n    # nothing yet\n    pass\n'
    )


def test_help_and_the_list_of_commands_leave_nothing():
    assert body("%dsml\n%dsml_profile --help\nx = 1\n%reload_ext dsml_magics") == "x = 1\n"


def test_another_name_is_taken_where_the_notebook_uses_dsml():
    source = script("dsml = 3", "%dsml_profile {'a': [1]}")
    assert "import dsml_magics\n" in source
    assert "dsml_magics.profile(" in source


def test_the_package_is_imported_once_where_the_notebook_does_it():
    source = script("%load_ext dsml_magics\nimport dsml_magics as dsml", "%dsml_profile {'a': [1]}")
    assert source.count("import dsml_magics") == 1


def test_a_dropped_magic_stays_as_a_comment():
    assert body("%load_ext other\n%config A.b = 1\nx = 1\nx?\nx.real??") == (
        "# %load_ext other\n# %config A.b = 1\nx = 1\n# x?\n# x.real??\n"
    )


def test_a_left_out_cell_is_no_cell_marker():
    assert body("%%html\n<b>bold</b>") == "# left out: %%html\n# <b>bold</b>\n"


def test_figures_need_no_window():
    source = script("%matplotlib inline")
    assert 'os.environ["MPLBACKEND"] = "Agg"\n' in source
    assert source.endswith("# %matplotlib inline\n")


def test_nothing_heavy_is_imported_before_the_notebook_does_it():
    source = script(
        "import os\nos.environ['OMP_NUM_THREADS'] = '1'",
        "import pandas as pd  # tables\nimport json\n\npd.Series([1]).plot()",
        "%precision 3\ndisplay(pd.NA)",
    )
    heavy = [source.index(f"import {name}") for name in ("pandas", "matplotlib")]
    # The only mention of pyplot above is in a function that a cell calls.
    assert source.index("OMP_NUM_THREADS") < heavy[0]
    assert "\nimport matplotlib" not in source
    assert (
        'import pandas as pd  # tables\nimport json\n\npd.set_option("display.max_columns", 20)  # as in a notebook\n\n'
        "pd.Series([1]).plot()\n_close_figures()\n"
    ) in source


@pytest.mark.parametrize(
    ("cell", "line"),
    [
        ("import pandas", "pandas.set_option("),
        ("import os, pandas as p", "p.set_option("),
        ("from pandas import Series", 'sys.modules["pandas"].set_option('),
        ("import pandas.api", "pandas.set_option("),
        ("def f():\n    import pandas", ""),
    ],
)
def test_tables_are_as_wide_as_in_a_notebook(cell, line):
    assert ("set_option" in script(cell)) == bool(line)
    assert line in script(cell)


@pytest.mark.parametrize(
    "line",
    [
        "%pip install -q 'rich>=13' attrs",
        "!pip install 'rich>=13' attrs",
        "!{sys.executable} -m pip install rich>=13 attrs",
        "pip install rich>=13 attrs",
    ],
)
def test_installed_packages_are_recorded_and_not_installed(line):
    pipeline = pipeline_of(notebook(line, "x = 1"), "example")
    assert pipeline.requirements == ("rich>=13", "attrs")
    assert ast.parse(pipeline.to_script()).body[1:] != []
    assert "subprocess" not in pipeline.to_script()


def test_a_secret_is_not_written_into_the_script():
    source = script("%env MY_API_TOKEN=hunter2\n%pip install git+https://me:hunter2@example.org/x")
    assert "hunter2" not in source


@pytest.mark.parametrize("line", ["%env GH_PAT=hunter2-x", "%set_env DB_URL postgresql://bob:hunter2@db/x"])
def test_a_secret_of_the_environment_is_required_by_the_script(line, run, monkeypatch):
    name = line.split()[1].partition("=")[0]
    pipeline = pipeline_of(notebook(f"{line}\nimport os\nprint(len(os.environ[{name!r}]))"), "example")
    source = pipeline.to_script()
    assert "hunter2" not in source
    assert any(name in warning and "set" in warning for warning in pipeline.warnings)
    monkeypatch.setenv(name, "12345")
    assert run(source).stdout == "5\n"
    monkeypatch.delenv(name)
    assert f"Set the environment variable {name}" in run(source, check=False).stderr


def test_a_secret_in_the_code_is_warned_of():
    warnings = pipeline_of(notebook("x = 1", "api_key = 'hunter2'"), "example").warnings
    assert any("code cell 2: a secret" in warning for warning in warnings)
    assert not pipeline_of(notebook("api_key = input()"), "example").warnings


def test_display_is_defined_where_the_notebook_uses_it(run):
    assert run(script("display(1, 'b')")).stdout == "1\n'b'\n"
    assert script("def display(x): pass\ndisplay(1)").count("def display") == 1


def test_code_that_asks_for_ipython_is_told_there_is_none(run):
    assert run(script("print('colab' in str(get_ipython()))")).stdout == "False\n"


def test_headings_are_steps_and_text_is_comments():
    cells = [
        {"md": "# My title\nWhy.\n```\n# no heading\n```"},
        "x = 1",
        "y = 2",
        {"md": "## Next ##"},
        "z = 3",
    ]
    pipeline = pipeline_of(notebook(*cells), "example")
    assert [(step.title, step.level, len(step.cells)) for step in pipeline.steps] == [
        ("My title", 1, 2),
        ("Next", 2, 1),
    ]
    assert (
        "# %% My title\n# Why.\n# ```\n# # no heading\n# ```\nx = 1\n\n\n# %%\ny = 2\n\n\n# %% Next\nz = 3\n"
        in pipeline.to_script()
    )


@pytest.mark.parametrize("title", ['"""', "a\\", 'ends with "', "back\\slash \\d", "été %"])
def test_any_title_is_a_docstring(title):
    assert ast.get_docstring(ast.parse(script({"md": f"# {title}"}, "x = 1"))).splitlines()[0] == title


@pytest.mark.parametrize("mark", ["\r", "\x0b", "\x0c", "\x1c", "\x85", "\u2028"])
def test_text_cannot_become_code(mark):
    tree = ast.parse(script({"md": f"# a{mark}boom()\ntext{mark}boom()"}, "x = 1"))
    assert not any(isinstance(node, ast.Call) for node in ast.walk(tree))


def test_input_the_session_remembers_is_warned_of():
    pipeline = pipeline_of(notebook("1 + 1", "x = In[1]", "_i"), "example")
    assert [warning.split(":")[0] for warning in pipeline.warnings] == ["code cell 2", "code cell 3"]


def test_a_cell_that_is_skipped_or_no_python_is_left_out():
    assert body(("skip-execution", "x = 1"), ("raises-exception", "x ="), "y = 1").count("\n# x =") == 1


def test_a_pipeline_shows_its_steps_parameters_and_warnings():
    pipeline = pipeline_of(
        notebook({"md": "# Title"}, ("parameters", "depth = 3  # Depth"), "%prun depth"), "example"
    )
    assert str(pipeline).splitlines() == [
        "Pipeline example: 1 step, 2 cells",
        "  Title  2 cells",
        "parameters",
        "  --depth  int  3  Depth",
        "warnings",
        "  code cell 2: `%prun` is not measured in the script; its code runs.",
    ]
    assert repr(pipeline) == str(pipeline)


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("%sql select 1", "code cell 2, line 1: `%sql select 1`: this magic has no plain Python form."),
        ("x = 1\n\n%dsml_profil x", "line 3: `%dsml_profil x`: no command 'profil'. Did you mean 'profile'?"),
        ("%dsml_profile a b c", "`%dsml_profile a b c`: profile: "),
        ("# first\n%%time\nx", "line 2: `%%time`: a cell magic must be the first line of its cell."),
        ("%dsml_track a", "expected `%%dsml_track` in the first line of a cell."),
        ("%%dsml_profile a\nx", "expected `%dsml_profile` on one line."),
        ("%%capture\n%%time\nx\n%nope", "line 4: `%nope`"),
        ("x = %timeit 1", "it gives no value in a script."),
        ("get_ipython().kernel.x()\nget_ipython().push(1)", "got `get_ipython().push(...)`"),
        ("%time (", "expected Python, got `(`"),
        ("\n\nx = = 1", "line 3: expected Python, got `x = = 1`"),
        ("%run -m a.py", "expected `%run script.py` or `%run notebook.ipynb`"),
        ("%cd -", "expected a folder."),
        ("x = 1\nfrom x import *\nawait f()", "import * only allowed at module level"),
    ],
)
def test_what_cannot_be_converted_is_named(source, said):
    with pytest.raises(NotebookError) as caught:
        script("ok = 1", source)
    assert str(caught.value).startswith("example.ipynb, code cell 2, ")
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
