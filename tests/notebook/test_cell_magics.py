"""A cell that is the body of a ``with``: its error is shown once, passes the context, and stops the notebook."""

import re
import signal
import sys

import nbformat
import pytest
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

pytestmark = pytest.mark.slow


def run(shell, cell, name="first"):
    shell.user_ns["seen"].clear()
    return shell.run_cell(f"%%dsml_watch {name}\n{cell}")


def ends(shell):
    return [what for when, what in shell.user_ns["seen"] if when == "end"]


def test_the_cell_runs_inside_the_context(own):
    run(own, "x = 3\ny = x + 1").raise_error()
    assert own.user_ns["seen"] == [("begin", "x = 3\ny = x + 1\n"), ("end", None)]
    assert own.user_ns["y"] == 4


def test_the_value_of_the_cell_is_shown(own, capsys):
    run(own, "1 + 41").raise_error()
    assert "42" in capsys.readouterr().out


def test_magics_within_the_cell_work(own):
    run(own, "%dsml_add 1\ntotal = %dsml_add 2 3").raise_error()
    assert own.user_ns["total"] == 5


def test_a_cell_within_a_cell_works(own):
    inner = "get_ipython().run_cell_magic('dsml_watch', 'inner', '1/0')"
    run(own, f"try:\n    {inner}\nexcept ZeroDivisionError:\n    caught = True")
    assert own.user_ns["caught"]
    assert ends(own) == ["ZeroDivisionError", None]


def test_a_cell_of_blanks_is_a_cell(own):
    run(own, "\n  \n").raise_error()
    assert ends(own) == [None]


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("1/0", "ZeroDivisionError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
        ("%nosuch", "UsageError"),
        ("import json; json.loads('{')", "JSONDecodeError"),
    ],
)
def test_an_error_passes_through_the_context_and_is_shown_once(own, capsys, cell, kind):
    result = run(own, cell)
    shown = capsys.readouterr()
    assert type(result.error_in_exec).__name__ == kind
    assert ends(own) == [kind]
    assert (shown.out + shown.err).count(f"{kind}:") == 1


def test_an_error_shows_the_line_of_the_cell_and_none_of_ours(own, capsys):
    run(own, "a = 1\nb = a / 0")
    out = capsys.readouterr().out
    assert "----> 2 b = a / 0" in out
    assert "run_cell_magic" not in out
    assert "dsml_magics" not in out


@pytest.mark.parametrize("cell", ["1 +", "def f(:\n  pass", "  x = 1\n y = 2"])
def test_code_that_cannot_be_read_begins_nothing_and_is_shown_once(own, capsys, cell):
    result = run(own, cell)
    out = capsys.readouterr().out
    assert not result.success
    assert own.user_ns["seen"] == []
    assert out.count("Error:") == 1
    assert "run_cell_magic" not in out


def test_an_error_the_user_can_mend_within_the_cell_is_one_line(own, capsys):
    run(own, "%dsml_profile nowhere.csv")
    out = capsys.readouterr().out
    assert out.startswith("TableNotFound: No file 'nowhere.csv'.")
    assert len(out.strip().splitlines()) == 1


def test_a_context_that_cannot_begin_is_one_line_and_runs_nothing(own, capsys):
    result = run(own, "ran = True", name="closed")
    assert capsys.readouterr().out == "LedgerError: The ledger is closed. Open it.\n"
    assert not result.success
    assert "ran" not in own.user_ns


def test_a_context_that_cannot_end_hides_nothing_of_the_cell(own, capsys):
    run(own, "1/0", name="breaks")
    out = capsys.readouterr().out
    assert "ZeroDivisionError: division by zero" in out
    assert out.endswith("LedgerError: The ledger broke. Mend it.\n")


def test_an_error_the_cell_shows_itself_is_shown(own, capsys):
    run(own, "try:\n    1/0\nexcept ZeroDivisionError:\n    get_ipython().showtraceback()").raise_error()
    assert "ZeroDivisionError: division by zero" in capsys.readouterr().out


def test_the_shell_shows_later_errors_as_before(own, capsys):
    run(own, "1/0")
    capsys.readouterr()
    own.run_cell("[][1]")
    assert capsys.readouterr().out.count("IndexError: list index out of range") == 1


def test_an_error_that_equals_nothing_is_shown(own, capsys):
    run(
        own,
        "class Odd(Exception):\n    __hash__ = None\n    def __eq__(self, other): return False\nraise Odd('odd')",
    )
    assert capsys.readouterr().out.count("Odd: odd") == 1


@pytest.mark.parametrize(
    "cell",
    [
        "import asyncio\nawait asyncio.sleep(0)\nx = 3",
        "async def one():\n    yield 1\n[x async for x in one()]\nx = 3",
    ],
)
def test_a_cell_that_awaits_runs_inside_the_context(own, cell):
    run(own, cell).raise_error()
    assert own.user_ns["seen"] == [("begin", cell + "\n"), ("end", None)]
    assert own.user_ns["x"] == 3


def test_what_a_cell_raises_that_awaits_passes_through_the_context(own, capsys):
    run(own, "import asyncio\nawait asyncio.sleep(0)\n1/0")
    assert ends(own) == ["ZeroDivisionError"]
    assert capsys.readouterr().out.count("ZeroDivisionError: division by zero") == 1


def test_a_cell_that_awaits_below_another_magic_is_answered(own, capsys):
    own.user_ns["seen"].clear()
    own.run_cell(
        "get_ipython().run_cell_magic('dsml_watch', 'first', 'import asyncio\\nawait asyncio.sleep(0)')"
    )
    assert "UsageError: watch: inside another magic a cell cannot await" in capsys.readouterr().out
    assert own.user_ns["seen"] == []


def test_await_inside_a_function_is_no_waiting_cell(own):
    run(own, "async def f():\n    await g()").raise_error()


@pytest.mark.parametrize(
    ("line", "said"),
    [("--nam x", "no option --nam"), ("", "NAME"), ("a b", "did not expect `b`"), ("'a", "closing quote")],
)
def test_a_line_that_does_not_fit_is_answered(own, capsys, line, said):
    own.run_cell(f"%%dsml_watch {line}\nran = True")
    out = capsys.readouterr().out
    assert said in out
    assert len(out.strip().splitlines()) <= 2
    assert "ran" not in own.user_ns


def test_the_notebook_is_the_origin_where_the_kernel_knows_it(own, monkeypatch):
    own.run_cell("def origin(): return current().origin")
    monkeypatch.setenv("JPY_SESSION_NAME", "work/income.ipynb")
    from dsml_magics.notebook.block import notebook_path

    assert notebook_path({}) == "work/income.ipynb"
    monkeypatch.delenv("JPY_SESSION_NAME")
    assert notebook_path({"__vsc_ipynb_file__": "/code/income.ipynb"}) == "/code/income.ipynb"
    assert notebook_path({}) is None


def test_a_kernel_sends_the_error_once_with_its_traceback(own_kernel):
    answer = own_kernel.run("%%dsml_watch first\nx = 1\n1/0")
    assert answer.status == "error"
    [error] = answer.errors
    assert error["ename"] == "ZeroDivisionError"
    assert "1/0" in "".join(error["traceback"])
    assert own_kernel.run("seen[-1]").results == ["('end', 'ZeroDivisionError')"]


def test_a_kernel_sends_a_syntax_error_once(own_kernel):
    answer = own_kernel.run("%%dsml_watch first\n1 +")
    assert (answer.status, len(answer.errors)) == ("error", 1)


def test_a_kernel_with_its_own_loop_runs_a_cell_that_awaits(own_kernel):
    answer = own_kernel.run("%%dsml_watch first\nimport asyncio\nawait asyncio.sleep(0.01)\n40 + 2")
    assert (answer.status, answer.results) == ("ok", ["42"])
    assert own_kernel.run("seen[-1]").results == ["('end', None)"]


def test_a_kernel_points_to_the_line_of_a_cell_that_awaits(own_kernel):
    answer = own_kernel.run("%%dsml_watch first\nimport asyncio\nawait asyncio.sleep(0)\n1/0")
    [error] = answer.errors
    assert "----> 4 1/0" in "".join(error["traceback"])
    assert own_kernel.run("seen[-1]").results == ["('end', 'ZeroDivisionError')"]


@pytest.mark.skipif(sys.platform == "win32", reason="a signal to oneself")
def test_an_interrupt_reaches_the_context(own_kernel):
    stop = f"import os, time\nos.kill(os.getpid(), {int(signal.SIGINT)})\ntime.sleep(20)"
    answer = own_kernel.run(f"%%dsml_watch first\n{stop}")
    assert [error["ename"] for error in answer.errors] == ["KeyboardInterrupt"]
    assert own_kernel.run("seen[-1]").results == ["('end', 'KeyboardInterrupt')"]


def test_nbclient_stops_at_the_cell_and_tells_why(workdir):
    cells = ["%load_ext dsml_magics", "%%dsml_track first\nrate = 0.5\n1/0", "after = 1"]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    with pytest.raises(CellExecutionError) as caught:
        NotebookClient(
            notebook, kernel_name="python3", resources={"metadata": {"path": str(workdir)}}
        ).execute()
    told = re.sub(r"\x1b\[[\d;]*m", "", str(caught.value))
    assert "----> 2 1/0" in told
    assert "ZeroDivisionError: division by zero" in told
    assert [output.output_type for output in notebook.cells[1].outputs].count("error") == 1
    assert notebook.cells[2].outputs == []


@pytest.mark.parametrize("value", ["+".join(["1"] * 20_000), "-" * 200_000 + "1"], ids=["terms", "signs"])
def test_a_cell_python_cannot_read_is_refused_in_one_line_before_anything_begins(own, capsys, value):
    result = run(own, f"x = {value}")
    assert type(result.error_in_exec).__name__ == "UsageError"
    assert "watch: the code is nested deeper than Python can read." in str(result.error_in_exec)
    assert own.user_ns["seen"] == []
    assert len(capsys.readouterr().err) < 1_000


def test_a_deep_cell_that_python_can_read_runs(own):
    run(own, f"x = {'+'.join(['1'] * 600)}").raise_error()
    assert own.user_ns["x"] == 600
    assert ends(own) == [None]


def test_an_argument_nested_too_deep_is_refused_in_one_line(own):
    result = own.run_cell(f"%dsml_profile {'+'.join(['1'] * 20_000)}")
    error = result.error_in_exec or result.error_before_exec
    assert "nested in more than 400 levels" in str(error)
    assert len(str(error)) < 400
