"""What a step needs, and each reason for which it must run again, or need not."""

import sys
from dataclasses import replace

import pytest

from dsml_magics.pipeline.analysis.facts import Facts
from dsml_magics.pipeline.sections import script_from
from dsml_magics.run.need import Need, Past, all_of, lost_for, needs_of, shown
from dsml_magics.run.record import UNREAD
from dsml_magics.run.settings import ARGUMENTS, SECRETS, digest_of_variable
from dsml_magics.run.state import State
from tests.run.history import History, group, left

pytestmark = pytest.mark.whole


def needs(text, tmp_path):
    return needs_of(script_from(text, tmp_path / "job.py"))


def need(code, tmp_path, top=""):
    """What a script of one step needs."""
    (found,) = needs(f"{top}\n# %% A\n{code}\n", tmp_path).values()
    return found


def state_of(**values):
    return State(groups={name: group(name, value=value) for name, value in values.items()})


PIPELINE = "import json\n# %% Data\nx = 1\ny = 2\n# %% Total\ntotal = x + y\n# %% Report\nprint(total)\n"


@pytest.fixture
def total(tmp_path):
    """A step that ran after the one that makes what it reads."""
    return History(tmp_path, PIPELINE).ran("data", left(x=1, y=2)).ran("total", left(total=3))


def test_a_step_is_kept_where_nothing_changed(total):
    assert (total.why("data"), total.why("total")) == ("", "")


def test_a_step_that_never_ran_has_to(total):
    assert total.why("report") == "it has not run yet"


def test_changed_code_runs_again(total):
    assert total.edited("x + y", "y + x").why("total") == "its code changed"
    assert total.edited("x + y", "y + x").why("data") == ""
    assert total.edited("import json", "import json, math").why("data") == "its code changed", "the top"
    assert total.edited("total = x", "\n# why\ntotal = (x)  # so\n\n# and").why("total") != "", "no comment"


def test_comments_blank_lines_and_brackets_change_nothing(total):
    for old, new in (
        ("total = x", "\n# why\n\ntotal = x"),
        ("x + y", "(x + y)  # both"),
        ("import json", "# a\nimport json"),
    ):
        assert total.edited(old, new).why("total") == ""


@pytest.mark.parametrize(
    ("now", "why"),
    [
        ({"python": "3.12.0", "pandas": "3.1.1"}, "pandas 2.2.3 became 3.1.1"),
        ({"python": "3.13.1", "pandas": "2.2.3"}, "python 3.12.0 became 3.13.1"),
        ({"python": "3.12.0"}, ""),
        ({"python": "3.12.0", "pandas": "2.2.3", "numpy": "2.0"}, ""),
    ],
)
def test_another_release_of_a_package_runs_again(total, now, why):
    total.past = Past(total.folder, total.arguments, now)
    assert total.why("total") == why


def test_what_is_known_of_now_are_the_folder_the_parameters_and_the_versions(tmp_path):
    past = Past.now(script_from("import pytest\nx = 1\n", tmp_path / "job.py"), tmp_path, "words")
    assert (past.folder, past.arguments) == (tmp_path, "words")
    assert past.versions["python"] == ".".join(map(str, sys.version_info[:3]))
    assert past.versions["pytest"] == pytest.__version__


@pytest.mark.parametrize(
    ("values", "why"),
    [
        ({"x": 5, "y": 2}, "`x` changed"),
        ({"x": 5, "y": 6}, "`x`, `y` changed"),
        ({"x": 1, "y": 2, "z": 9}, ""),
        ({"x": 1}, "`y` changed"),
    ],
)
def test_a_changed_value_that_it_reads_runs_again(total, values, why):
    assert total.ran("data", left(**values)).why("total") == why


def test_no_more_than_three_names_are_listed(tmp_path):
    def why(count):
        names = [f"n{at}" for at in range(count)]
        text = f"# %% A\n{' = '.join(names)} = 1\n# %% B\nb = {' + '.join(names)}\n"
        history = History(tmp_path, text).ran("a", left(**dict.fromkeys(names, 1))).ran("b", left(b=1))
        return history.ran("a", left(**dict.fromkeys(names, 2))).why("b")

    assert why(3) == "`n0`, `n1`, `n2` changed"
    assert why(4) == "`n0`, `n1`, `n2` and 1 other name changed"
    assert why(5) == "`n0`, `n1`, `n2` and 2 other names changed"


def test_a_name_is_another_where_its_module_its_absence_or_its_loss_is(tmp_path):
    text = "# %% A\nimport json as m\nf = open('f')\n# %% B\nb = m, f\n"
    history = (
        History(tmp_path, text).ran("a", left(modules={"m": "json"}, lost={"f": "open"})).ran("b", left(b=1))
    )
    assert history.why("b") == ""
    assert history.ran("a", left(modules={"m": "math"}, lost={"f": "open"})).why("b") == "`m` changed"
    assert history.ran("a", left(modules={"m": "json"}, gone=["f"])).why("b") == "`f` changed"
    # Nobody can compare it, so each time it is made it is another.
    assert (
        history.ran("a", left(modules={"m": "json"}, lost={"f": "open"}), ended=1).why("b") == "`f` changed"
    )


def test_a_parameter_counts_for_the_steps_that_read_the_command_line(tmp_path):
    text = "# %% A\nimport sys\ndepth = sys.argv[1]\n# %% B\nb = 1\n# %% C\nexec(code)\n# %% D\nd = 1\n"
    history = History(tmp_path, text)
    history.ran("a", left(depth=1)).ran("b", left(b=1)).ran("c", left(c=1)).ran(
        "d", left(d=1), unforeseen=True
    )
    history.past = Past(tmp_path, "depth 4", history.versions)
    assert [history.why(name) for name in "abcd"] == ["a parameter changed", "", "a parameter changed", ""]


@pytest.mark.parametrize(
    ("code", "reads"),
    [
        ("import sys\nn = sys.argv", True),
        ("from sys import argv\nn = argv[1:]", True),
        ("import sys\nn = sys.orig_argv", True),
        ("def read(parser):\n    return parser.parse_args()", True),
        ("def read(parser):\n    return parser.parse_known_args()", True),
        ("import click\nn = click.option", True),
        ("import typer\nn = typer.run", True),
        ("import fire\nn = fire.Fire", True),
        ("import absl\nn = absl.app", True),
        ("import cyclopts\nn = cyclopts.App", True),
        ("import docopt as d\ndocopt = 1\nn = docopt", True),
        ("n = 'argv'", False),
        ("import sys\nn = sys.path", False),
    ],
)
def test_a_step_reads_the_command_line_where_it_names_it(tmp_path, code, reads):
    found = need(code, tmp_path)
    assert (found.reads_all, found.reads_arguments) == (False, reads)
    assert found.inputs(State(), "words").get(ARGUMENTS) == ("words" if reads else None)


def test_a_step_that_may_do_anything_may_read_the_command_line_and_files(tmp_path):
    found = need("exec(code)", tmp_path)
    assert (found.reads_all, found.reads_arguments, found.uses_files) == (True, True, True)


def test_a_step_that_may_read_anything_runs_where_anything_changed(tmp_path):
    text = "# %% A\na = 1\n# %% B\nexec(code)\n# %% C\nc = 1\n"
    for more in ({}, {"unforeseen": True}):
        history = History(tmp_path, text).ran("a", left(a=1, z=1, gone=["code"]))
        history.ran("b", left(b=1)).ran("c", left(c=1), **more)
        assert history.needs["b"].reads_all and not history.needs["c"].reads_all
        assert history.why("b") == history.why("c") == ""
        history.ran("a", left(a=1, z=2))
        assert history.why("b") == "`z` changed"
        assert history.why("c") == ("`z` changed" if more else "")
        history.ran("a", left(a=1))
        assert history.why("b") == "`z` changed", "it is gone"
        history.ran("a", left(a=1, z=1, new=1))
        assert history.why("b") == "`new` changed"


def test_a_name_that_is_not_there_is_as_one_that_nobody_asked_for(tmp_path):
    """An earlier release may have found other names in the same code."""
    history = History(tmp_path, "# %% A\nb = [missing]\n").ran("a", left(b=1))
    assert history.records["a"].inputs["missing"] == ""
    for names in ({}, {"missing": "", "other": ""}):
        inputs = {ARGUMENTS: history.arguments, **names}
        history.records["a"] = replace(history.records["a"], inputs=inputs)
        assert history.why("a") == ""


def test_generators_are_no_values_that_a_step_reads(tmp_path):
    state = state_of(**{"a": 1, "§random": 1, "§numpy.random": 1, "§torch.random": 1, "§folder": "sub"})
    assert set(all_of(state)) == {"a", "§folder"}
    found = needs("# %% A\ncode = 1\n# %% B\nexec(code)\n# %% C\nc = [code]\n", tmp_path)
    assert found["b"].inputs(state, "words") == {**all_of(state), "code": "", ARGUMENTS: "words"}
    assert found["c"].inputs(state, "words") == {"code": "", "§folder": state.digest("§folder")}


def test_a_setting_of_the_process_counts_for_the_steps_that_depend_on_it(tmp_path):
    text = "# %% A\nimport os\nos.chdir('sub')\n# %% B\nx = 1\n# %% C\nprint(x)\n"
    history = History(tmp_path, text)
    settings = {"§folder": "sub", "§numpy.print": 1}
    history.ran("a", left(**settings)).ran("b", left(x=1)).ran("c")
    assert (history.why("b"), history.why("c")) == ("", "")
    history.ran("a", left(**settings | {"§numpy.print": 2}))
    assert (history.why("b"), history.why("c")) == ("", "the numpy.print of the process changed")
    history.ran("a", left(**settings | {"§folder": "other"}))
    assert (history.why("b"), history.why("c")) == ("the folder of the process changed",) * 2
    history.ran("b", left(x=2))
    assert history.why("c") == "`x`, the folder of the process changed"


def test_names_are_told_before_settings_in_any_alphabet(tmp_path):
    history = History(tmp_path, "# %% A\n변수 = a = 1\n# %% B\nprint(변수, a)\n")
    history.ran("a", left(변수=1, a=1, **{"§folder": 1})).ran("b")
    history.ran("a", left(변수=2, a=2, **{"§folder": 2}))
    assert history.why("b") == "`a`, `변수`, the folder of the process changed"


def test_what_a_step_changes_counts_as_it_was_before(tmp_path):
    text = "# %% A\nxs = [1]\n# %% B\nfor each in [xs]:\n    each.append(2)\n# %% C\nys = [xs]\n"
    history = History(tmp_path, text).ran("a", left(xs=[1])).ran("b", left(xs=[1, 2]))
    assert history.records["b"].changed.keys() == {"xs"}
    assert history.why("b") == ""
    # The same value, but another one shares it.
    assert history.ran("a", left(group("xs", "zs", value=[1]))).why("b") == "`xs` changed"
    assert history.ran("a", left(xs=[1])).why("b") == ""


def test_what_the_values_before_were_is_asked_only_of_names_that_were_not_bound_anew(tmp_path):
    lost = {"n": UNREAD, "m": "it is a generator", "read": UNREAD}
    found = left(a=1, b=2, c=3, lost=lost, **{"§random": 1, "§numpy.random": 1})
    step = need("a = 1\nrandom.seed(1)\nprint(read)", tmp_path, top="import random")
    assert step.set_first == {"§random"}
    state = state_of(a=0, b=0, n=0, m=0, read=0, **{"§numpy.random": 0})
    state.seeded = {"§random", "§numpy.random"}
    before = step.changed(found, state, rebound=["b"])
    assert before == {name: state.shared(name) for name in ("c", "m", "read", "§numpy.random")}
    assert before["c"] == ""


def test_a_generator_nobody_seeded_is_as_good_as_another(tmp_path):
    text = "import random\n# %% A\na = 1\n# %% B\nb = random.random()\n"
    history = (
        History(tmp_path, text).ran("a", left(a=1, **{"§random": 1})).ran("b", left(b=1, **{"§random": 2}))
    )
    assert history.records["b"].changed == {"§random": "unseeded"}
    assert history.ran("a", left(a=1, **{"§random": 7})).why("b") == ""
    history = history.edited("a = 1", "a = 1\nrandom.seed(a)").ran("a", left(a=1, **{"§random": 7}))
    assert history.why("b") == "the random of the process changed", "it follows from a seed now"


def test_a_draw_depends_on_the_seed_before_it(tmp_path):
    text = "import random\n# %% A\nrandom.seed(1)\n# %% B\nb = random.random()\n# %% C\nrandom.seed(2)\nc = random.random()\n"
    history = History(tmp_path, text).ran("a", left(**{"§random": 1}))
    history.ran("b", left(b=1, **{"§random": 2})).ran("c", left(c=1, **{"§random": 3}))
    assert [history.why(name) for name in "abc"] == ["", "", ""]
    history.ran("a", left(**{"§random": 9}))
    assert [history.why(name) for name in "abc"] == ["", "the random of the process changed", ""]


def test_a_file_that_it_read_is_an_input(total):
    for name in ("one.csv", "two.csv"):
        (total.folder / name).write_text("1")
    total.ran("total", left(total=3), files=["one.csv", "two.csv"])
    (total.folder / "one.csv").write_text("1")
    assert total.why("total") == ""
    (total.folder / "two.csv").write_text("2")
    assert total.why("total") == "file two.csv changed"
    (total.folder / "two.csv").unlink()
    assert total.why("total") == "file two.csv is gone"


def test_files_that_match_a_pattern_are_an_input(total, workdir):
    (workdir / "a.txt").touch()
    total.ran("total", left(total=3), files=["*.txt"])
    assert total.why("total") == ""
    (workdir / "b.txt").touch()
    assert total.why("total") == "file *.txt changed"


def test_what_was_missing_when_it_ran_is_an_input_as_long_as_no_later_step_makes_it(total):
    total.ran("total", left(total=3), files=["first", "second"])
    assert total.why("total") == ""
    (total.folder / "second").mkdir()
    assert total.why("total") == "folder second was missing and now exists"
    (total.folder / "second/a.txt").touch()
    total.ran("report", written=["second/a.txt"])
    assert total.why("total") == "", "the later step made the folder"
    (total.folder / "first").write_text("1")
    assert total.why("total") == "file first was missing and now exists"
    total.ran("report", written=["first"])
    assert total.why("total") == "folder second was missing and now exists"
    total.ran("report", written=["first", "second/a.txt"])
    assert total.why("total") == ""
    (total.folder / "first").write_text("of the user")
    assert total.why("total") == "file first was missing and now exists", (
        "it is not as the later step left it"
    )


def test_a_file_below_a_folder_is_no_folder_that_a_later_step_made(total):
    total.ran("total", left(total=3), files=["out"])
    (total.folder / "out.txt").touch()
    (total.folder / "out").mkdir()
    total.ran("report", written=["out.txt"])
    assert total.why("total") == "folder out was missing and now exists"


def test_a_link_to_nowhere_exists(total):
    total.ran("total", left(total=3), files=["link"])
    (total.folder / "link").symlink_to("nowhere")
    assert total.why("total") == "file link was missing and now exists"


def test_what_it_wrote_is_there_as_it_left_it(total):
    out = total.folder / "out.txt"
    out.write_text("1")
    total.ran("total", left(total=3), written=["out.txt", "deleted.txt"])
    assert total.why("total") == ""
    out.write_text("2")
    assert total.why("total") == "its file out.txt changed"
    out.unlink()
    assert total.why("total") == "its file out.txt is gone"
    out.write_text("1")
    (total.folder / "deleted.txt").touch()
    assert total.why("total") == "its file deleted.txt exists again"


def test_what_a_later_step_wrote_as_well_is_not_asked_of_it(total):
    out = total.folder / "out.txt"
    out.write_text("1")
    total.ran("total", left(total=3), written=["out.txt"])
    out.write_text("2")
    total.ran("report", written=["out.txt"])
    assert (total.why("total"), total.why("report")) == ("", "")
    out.write_text("3")
    assert (total.why("total"), total.why("report")) == ("", "its file out.txt changed")


@pytest.mark.parametrize(
    ("then", "now", "why"),
    [
        ("one", "one", ""),
        ("one", "two", "variable LEVEL of the environment changed"),
        ("one", None, "variable LEVEL of the environment changed"),
        (None, "one", "variable LEVEL of the environment changed"),
        (None, None, ""),
        ("", None, "variable LEVEL of the environment changed"),
    ],
)
def test_a_variable_of_the_environment_is_an_input(total, monkeypatch, then, now, why):
    monkeypatch.setenv("OTHER", "same")
    variables = {"OTHER": digest_of_variable("OTHER", "same"), "LEVEL": digest_of_variable("LEVEL", then)}
    total.ran("total", left(total=3), variables=variables)
    monkeypatch.delenv("LEVEL", raising=False)
    if now is not None:
        monkeypatch.setenv("LEVEL", now)
    assert total.why("total") == why


def test_the_first_of_several_reasons_is_told(total, monkeypatch):
    """From what is decided fastest to what files have to be read for; what it read before what it wrote."""
    for name in ("in.txt", "out.txt"):
        (total.folder / name).write_text("1")
    monkeypatch.setenv("LEVEL", "one")
    total.ran(
        "total", left(total=3), files=["in.txt", "missing"], written=["out.txt"],
        variables={"LEVEL": digest_of_variable("LEVEL", "one")},
    )  # fmt: skip
    (total.folder / "out.txt").write_text("2")
    assert total.why("total") == "its file out.txt changed"
    (total.folder / "in.txt").write_text("2")
    assert total.why("total") == "file in.txt changed"
    (total.folder / "missing").write_text("2")
    assert total.why("total") == "file missing was missing and now exists"
    monkeypatch.setenv("LEVEL", "two")
    assert total.why("total") == "variable LEVEL of the environment changed"
    total.ran("data", left(x=1, y=7))
    assert total.why("total") == "`y` changed"
    total.past = Past(total.folder, "", {"pandas": "9"})
    assert total.why("total") == "pandas 2.2.3 became 9"
    assert total.edited("x + y", "x - y").why("total") == "its code changed"


def test_what_holds_a_value_of_before_would_hold_another_than_the_name(tmp_path):
    text = "# %% A\nxs = [1]\n# %% B\nholder = [xs]\n# %% C\nxs = [2]\n"
    history = History(tmp_path, text).ran("a", left(xs=[1]))
    history.ran("b", left(group("holder", value=[1], refs=("xs",)))).ran("c", left(xs=[2]))
    assert history.why("c") == "`holder` holds what it binds anew"
    assert history.ran("b", left(holder=[1])).why("c") == ""


def test_what_no_state_can_hold_is_looked_for_among_what_is_read(tmp_path):
    state = State()
    state.lost = {name: (f"of {name}", "now") for name in ("con", "other", SECRETS, "§figures")}
    found = needs("# %% A\ncon = 1\n# %% B\nrows = [con]\n# %% C\nexec(code)\n", tmp_path)
    assert lost_for(found["b"], state) == {"con": "of con", SECRETS: f"of {SECRETS}"}
    assert lost_for(found["c"], state) == {name: f"of {name}" for name in ("con", "other", SECRETS)}


def test_names_and_settings_are_shown_as_what_they_are():
    assert (shown("df"), shown("§folder")) == ("`df`", "the folder of the process")


def of_facts(**facts):
    return Need("a", "", frozenset(), Facts(**facts), frozenset(), (), False, False, ())


def test_a_step_makes_what_it_binds_and_what_it_changes():
    found = of_facts(binds=frozenset("a"), may_bind=frozenset("b"), changes=frozenset("c"))
    assert found.makes == {*"abc"}


def test_what_shares_an_object_changes_with_it_through_any_number_of_names():
    pairs = frozenset({("a", "b"), ("c", "b"), ("d", "c"), ("x", "y")})
    assert of_facts(changes=frozenset("a"), aliases=pairs).may_change == {*"abcd"}
    assert of_facts(changes=frozenset("d"), aliases=pairs).may_change == {*"abcd"}
    assert of_facts(aliases=pairs).may_change == frozenset()


@pytest.mark.parametrize(
    ("facts", "is_known"),
    [
        ({}, True),
        ({"touches": frozenset({"files", "random numbers"})}, True),
        ({"touches": frozenset({"settings"})}, False),
        ({"opaque": True}, False),
    ],
)
def test_a_step_is_known_where_it_changes_only_what_it_says(facts, is_known):
    assert of_facts(**facts).is_known == is_known


def test_what_a_step_needs_is_told_of_each_step_with_code(tmp_path):
    text = (
        "import random as r\nimport pandas as pd\n# %% Seed\nimport numpy as np\nr.seed(1)\nnp.random.seed(2)\n# %% Notes\n# nothing\n"
        "# %% Draw\na = r.random()\nr.seed(1)\n# %% Save\nopen('a.txt', 'w').write(str(a))\n# %% Get\nb = pd.read_csv('a.csv')\n"
    )
    found = needs(text, tmp_path)
    assert [*found] == [each.name for each in found.values()] == ["seed", "draw", "save", "get"]
    assert [each.set_first for each in found.values()] == [{"§random", "§numpy.random"}, set(), set(), set()]
    assert [bool(each.seeds) for each in found.values()] == [True, True, False, False]
    assert [each.uses_files for each in found.values()] == [False, False, True, True]
    assert [each.after for each in found.values()] == [(), ("seed",), ("draw",), ()]
    assert "a" in found["save"].reads and "a" not in found["draw"].reads
    assert len({each.code for each in found.values()}) == 4


@pytest.mark.parametrize(
    ("code", "uses"),
    [
        ("import pandas as pd\ndf = pd.read_csv('a.csv')", True),
        ("open('a.txt', 'w').write('a')", True),
        ("import requests\nr = requests.get('http://x')", True),
        ("import random\nn = random.random()", False),
        ("n = 1 + 1", False),
    ],
)
def test_a_step_uses_files_where_it_reads_or_writes_any(tmp_path, code, uses):
    found = need(code, tmp_path)
    assert (found.reads_all, found.uses_files) == (False, uses)
