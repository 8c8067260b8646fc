"""Which steps of a script run, and what ``--dry-run`` says of them."""

from dataclasses import replace

import pytest

from dsml_magics.errors import UsageError
from dsml_magics.run.job import StepRun
from dsml_magics.run.state import State
from tests.run.history import History, left

pytestmark = pytest.mark.whole

DIAMOND = (
    "# %% Load data\nx = 1\n# %% Left\nlow = x - 1\n# %% Right\nhigh = x + 1\n# %% Report\n"
    "total = low + high\n# %% Notes\n# no code\n# %% Apart\nother = 5\n"
)
ALL = ["load-data", "left", "right", "report", "apart"]


@pytest.fixture
def diamond(tmp_path):
    history = History(tmp_path, DIAMOND)
    for name, values in {
        "load-data": "x",
        "left": "low",
        "right": "high",
        "report": "total",
        "apart": "other",
    }.items():
        history.ran(name, left(**{values: 1}))
    return history


def test_the_steps_have_names(diamond):
    assert [*diamond.needs] == ALL


def test_a_new_run_runs_everything(diamond):
    plan = diamond.plan(resume=False)
    assert (plan.order, plan.trusted, plan.forced) == (ALL, frozenset(), dict.fromkeys(ALL, "a new run"))
    assert diamond.told(resume=False) == dict.fromkeys(ALL, "runs a new run")


def test_where_it_goes_on_nothing_is_decided_before(diamond):
    plan = diamond.plan(resume=True)
    assert (plan.order, plan.trusted, plan.forced) == (ALL, frozenset(), {})
    assert diamond.told(resume=True) == dict.fromkeys(ALL, "kept")


@pytest.mark.parametrize("word", ["right", "Right", "RIGHT"])
def test_from_a_step_on_everything_runs_and_what_is_before_is_trusted(diamond, word):
    plan = diamond.plan(start=word)
    assert (plan.order, plan.trusted) == (ALL, {"load-data", "left"})
    assert plan.forced == dict.fromkeys(("right", "report", "apart"), "from right on")
    # Trusted, whatever changed.
    told = diamond.edited("x = 1", "x = 2").told(start=word)
    assert told == {**dict.fromkeys(ALL, "runs from right on"), "load-data": "kept", "left": "kept"}


def test_from_a_step_on_what_is_before_is_looked_at_where_that_is_asked(diamond):
    plan = diamond.plan(start="right", resume=True)
    assert (plan.order, plan.trusted) == (ALL, frozenset())
    assert [*plan.forced] == ["right", "report", "apart"]
    told = diamond.edited("x = 1", "x = 2").told(start="right", resume=True)
    assert told["load-data"] == "runs its code changed"
    assert told["left"] == "may run if `x` of load-data changes"


def test_single_steps_run_on_what_those_above_them_left(diamond):
    plan = diamond.plan(only=("LOAD DATA", "report"))
    assert plan.order == ALL[:4]
    assert plan.trusted == {"left", "right"}
    assert plan.forced == {"load-data": "it was asked for", "report": "it was asked for"}
    assert diamond.told(only=("left",)) == {"load-data": "kept", "left": "runs it was asked for"}
    assert diamond.told(only=("apart",)) == {"apart": "runs it was asked for"}


def test_all_above_a_step_are_taken_whatever_the_way(tmp_path):
    text = "# %% A\na = 1\n# %% B\nb = 1\n# %% C\nc = a\n# %% D\nd = b\n# %% E\ne = 1\n# %% F\nf = [c, d]\n"
    assert History(tmp_path, text).plan(only=("f",)).order == [*"abcdf"]


@pytest.mark.parametrize(
    "wish", [{"resume": True}, {"start": "right"}, {"only": ("right",)}, {"resume": False}]
)
def test_a_plan_knows_the_past_and_the_needs(diamond, wish):
    plan = diamond.plan(**wish)
    assert (plan.past, plan.needs) == (diamond.past, diamond.needs)


@pytest.mark.parametrize("wish", [{"only": ("reprot",)}, {"start": "reprot"}])
def test_a_step_that_is_not_there_is_told(diamond, wish):
    with pytest.raises(
        UsageError, match=r"^Expected a step of job\.py, got 'reprot'\. Did you mean 'report'\?$"
    ):
        diamond.plan(**wish)


def test_a_heading_without_code_is_no_step(diamond):
    with pytest.raises(UsageError, match="got 'notes'"):
        diamond.plan(only=("notes",))


def test_what_never_ran_cannot_be_trusted(diamond):
    del diamond.records["left"]
    expected = (
        "^Expected the state of step 'left', which is needed, but it has not run here. "
        "Run it first, or run with --resume.$"
    )
    for wish in ({"only": ("report",)}, {"start": "report"}):
        with pytest.raises(UsageError, match=expected):
            diamond.told(**wish)
    assert diamond.told(only=("right",)) == {"load-data": "kept", "right": "runs it was asked for"}


def test_what_a_step_that_runs_makes_may_make_others_run(diamond):
    assert diamond.edited("x - 1", "x - 2").told() == {
        "load-data": "kept",
        "left": "runs its code changed",
        "right": "kept",
        "report": "may run if `low` of left changes",
        "apart": "kept",
    }
    assert diamond.edited("x = 1", "x = 2").told() == {
        "load-data": "runs its code changed",
        "left": "may run if `x` of load-data changes",
        "right": "may run if `x` of load-data changes",
        "report": "may run if `high` of right changes",
        "apart": "kept",
    }


def test_a_plan_tells_titles(diamond):
    plan = diamond.edited("low = x", "low = 2 * x").plan()
    assert plan.told(diamond.script, diamond.records) == (
        StepRun("load-data", "Load data", "kept"),
        StepRun("left", "Left", "runs", "its code changed"),
        StepRun("right", "Right", "kept"),
        StepRun("report", "Report", "may run", "if `low` of left changes"),
        StepRun("apart", "Apart", "kept"),
    )


def test_what_a_step_left_is_what_it_may_leave_again(diamond):
    # It was seen to bind another name than its code says.
    diamond.ran("left", left(low=1, x=1)).ran("right", left(high=1))
    assert diamond.edited("x - 1", "x - 2").told()["right"] == "may run if `x` of left changes"


def test_a_file_that_a_step_writes_may_make_others_run(tmp_path):
    history = History(tmp_path, "# %% A\na = 1\n# %% B\nb = 1\n# %% C\nc = 1\n")
    for name in ("one", "two", "three"):
        (tmp_path / name).write_text(name)
    history.ran("a", left(a=1), written=["one", "two"]).ran("b", left(b=1), files=["two", "three", "one"])
    history.ran("c", left(c=1), files=["three"])
    assert history.edited("a = 1", "a = 2").told() == {
        "a": "runs its code changed", "b": "may run if file one of a changes", "c": "kept",
    }  # fmt: skip
    edited = history.edited("a = 1", "a = 2").edited("b = 1", "b = 2")
    assert edited.ran("c", left(c=1), files=["one", "two"]).told()["c"] == "may run if file one of a changes"
    edited.ran("b", left(b=1), files=["one"], written=["three"]).ran("c", left(c=1), files=["three", "two"])
    assert edited.edited("b = 2", "b = 3").told()["c"] == "may run if file three of b changes"
    # What has not run yet has written nothing that is known.
    del history.records["a"]
    assert history.told() == {"a": "runs it has not run yet", "b": "kept", "c": "kept"}


def test_a_step_that_may_do_anything_may_make_all_after_it_run(tmp_path):
    history = History(tmp_path, "# %% A\na = 1\n# %% B\nexec(a)\n# %% C\nc = 1\n# %% D\nd = 1\n")
    for name in "abcd":
        history.ran(name, left(**{name: 1}))
    assert history.edited("a = 1", "a = 2").told() == {
        "a": "runs its code changed",
        "b": "may run if `a` of a changes",
        "c": "may run if what b does changes anything",
        "d": "may run if what b does changes anything",
    }
    history = history.edited("exec(a)", "exec(a, a)").edited("c = 1", "exec(a)")
    assert history.told()["d"] == "may run if what b does changes anything", "the first is told"


def test_a_step_that_was_seen_to_read_anything_may_run_whatever_is_made(tmp_path):
    history = History(tmp_path, "# %% A\na = 1\n# %% B\nb = 1\n# %% C\nc = 1\n")
    history.ran("b", left(b=1), unforeseen=True).ran("c", left(c=1))
    assert history.told() == {"a": "runs it has not run yet", "b": "may run if `a` of a changes", "c": "kept"}


def test_a_step_that_was_seen_to_read_anything_may_run_whatever_changes(tmp_path):
    history = History(tmp_path, "# %% A\na = 1\n# %% B\nb = 1\n# %% C\nc = 1\n")
    history.ran("a", left(a=1)).ran("b", left(b=1), unforeseen=True).ran("c", left(c=1))
    edited = history.edited("a = 1", "z = a = 2")
    assert edited.told() == {"a": "runs its code changed", "b": "may run if `a` of a changes", "c": "kept"}


def test_what_a_step_read_or_changed_when_it_ran_counts_as_well(tmp_path):
    text = "# %% A\nxs = [1]\n# %% B\nb = 1\n# %% C\nc = 1\n"
    history = History(tmp_path, text).ran("a", left(xs=[1]))
    # It changed `xs` through something the code does not show.
    history.ran("b", left(b=1, xs=[2])).ran("c", left(c=1))
    assert history.records["b"].changed.keys() == {"xs"}
    assert history.edited("[1]", "[3]").told()["b"] == "may run if `xs` of a changes"


def test_settings_may_change_where_a_step_does_what_is_not_known(tmp_path):
    text = "# %% A\na = 1\n# %% B\nimport warnings\nwarnings.simplefilter('ignore')\n# %% C\nprint(1)\n# %% D\nd = 1\n"
    history = History(tmp_path, text)
    history.ran("a", left(a=1)).ran("b").ran("c").ran("d", left(d=1))
    assert not history.needs["b"].is_known and not history.needs["b"].reads_all
    assert history.told() == dict.fromkeys("abcd", "kept")
    told = history.edited("'ignore'", "'error'").told()
    assert told["b"] == "runs its code changed"
    assert told["c"].startswith("may run if the ") and told["c"].endswith(" of the process of b changes")
    # The same code may change no others than it left before.
    history = history.ran("b", left(**{"§warnings": 1})).ran("c").ran("d", left(d=1))
    history.records["b"] = replace(history.records["b"], versions={"python": "2"})
    assert history.told() == {
        "a": "kept",
        "b": "runs python 2 became 3.12.0",
        "c": "may run if the warnings of the process of b changes",
        "d": "kept",
    }
    history.ran("b").ran("c")
    history.records["b"] = replace(history.records["b"], versions={"python": "2"})
    assert history.told()["c"] == "kept"
    # Nor does code of which all is known.
    assert history.edited("a = 1", "a = 2").told()["c"] == "kept"
    # What never ran may change any.
    del history.records["b"]
    assert history.told()["c"].startswith("may run if the ")


def test_the_state_of_a_generator_is_asked_for_only_where_a_step_draws(tmp_path):
    text = "import random\n# %% A\nrandom.seed(1)\n# %% B\nb = random.random()\n# %% C\nprint(1)\n"
    history = History(tmp_path, text).ran("a", left(**{"§random": 1}))
    history.ran("b", left(b=1, **{"§random": 2})).ran("c")
    assert history.edited("seed(1)", "seed(2)").told() == {
        "a": "runs its code changed",
        "b": "may run if the random of the process of a changes",
        "c": "kept",
    }


@pytest.mark.parametrize(("names", "first"), [("b a", "a"), ("변수 수", "변수")])
def test_a_name_is_told_before_a_setting_in_any_alphabet(tmp_path, names, first):
    one, two = names.split()
    text = f"# %% A\nx = 1\n# %% B\n{one} = {two} = x\n# %% C\nprint({one}, {two})\n"
    values = {one: 1, two: 1, "§folder": "sub"}
    history = History(tmp_path, text).ran("a", left(x=1)).ran("b", left(**values)).ran("c")
    told = history.edited("= x", "= [x]").told()
    assert told["c"] == f"may run if `{first}` of b changes"


TRAP = "# %% Open\ncon = object()\n# %% N\nn = 1\n# %% Use\nrows = [con, n]\n# %% Write\nprint(rows)\n"


@pytest.fixture
def trap(tmp_path):
    """A script whose first step left what cannot be kept."""
    history = History(tmp_path, TRAP).ran("open", left(lost={"con": "it is open"})).ran("n", left(n=1))
    return history.ran("use", left(rows=1)).ran("write")


def test_what_cannot_be_kept_is_made_again_for_a_step_that_runs_or_may(trap):
    assert trap.told() == dict.fromkeys(("open", "n", "use", "write"), "kept")
    lacking = {"open": "runs `con` cannot be kept, and use needs it"}
    assert trap.edited("[con, n]", "[n, con]").told() == {
        **lacking, "n": "kept", "use": "runs its code changed", "write": "may run if `rows` of use changes",
    }  # fmt: skip
    assert trap.edited("n = 1", "n = 2").told() == {
        **lacking,
        "n": "runs its code changed",
        "use": "may run if `con` of open changes",
        "write": "may run if `rows` of use changes",
    }
    assert trap.edited("print(rows)", "print(rows, 1)").told() == {
        "open": "kept", "n": "kept", "use": "kept", "write": "runs its code changed",
    }  # fmt: skip
    assert trap.told(only=("use",))["open"] == "runs `con` cannot be kept, and use needs it"


def test_what_stands_above_the_first_step_is_there_in_every_process(trap):
    above = trap.edited("# %% Open", "con = 0\n# %% Open")
    above.ran("open", left(lost={"con": "it is open"})).ran("n", left(n=1)).ran("use", left(rows=1)).ran(
        "write"
    )
    assert above.edited("[con, n]", "[n, con]").told()["open"] == "kept"


def test_a_step_that_is_trusted_needs_nothing_made_again(trap):
    """It is kept, whatever a step before it does."""
    assert trap.told(only=("n", "write")) == {
        "open": "kept", "n": "runs it was asked for", "use": "kept", "write": "runs it was asked for",
    }  # fmt: skip


def test_what_cannot_be_kept_may_be_needed_by_what_makes_it_anew(tmp_path):
    text = "# %% A\ncon = object()\n# %% B\nit = iter([con])\n# %% C\nprint(it)\n"
    history = History(tmp_path, text).ran("a", left(lost={"con": "open"})).ran("b", left(lost={"it": "open"}))
    told = history.told()
    assert told == {
        "a": "runs `con` cannot be kept, and b needs it",
        "b": "runs `it` cannot be kept, and c needs it",
        "c": "runs it has not run yet",
    }


def test_the_last_step_that_wrote_a_file_answers_for_it(diamond):
    out = diamond.folder / "out.txt"
    out.write_text("1")
    diamond.ran("left", left(low=1), written=["out.txt"])
    out.write_text("2")
    diamond.ran("right", left(high=1), written=["out.txt"]).ran("report", left(total=1)).ran(
        "apart", left(other=1)
    )
    out.write_text("3")
    assert diamond.told() == {
        "load-data": "kept",
        "left": "kept",
        "right": "runs its file out.txt changed",
        "report": "may run if `high` of right changes",
        "apart": "kept",
    }


def test_only_later_steps_may_have_made_what_was_missing(diamond):
    diamond.ran("right", left(high=1), files=["flag"])
    (diamond.folder / "flag").touch()
    diamond.ran("left", left(low=1), written=["flag"])
    assert diamond.why("right") == "file flag was missing and now exists"
    diamond.ran("left", left(low=1)).ran("report", left(total=1), written=["flag"])
    assert diamond.why("right") == ""


def test_a_worker_is_told_what_a_step_may_do_to_names_and_which_are_read_later(tmp_path):
    text = "# %% A\nxs = [1]\ny = 2\n# %% B\nzs = xs\nzs.append(1)\nz = 3\n# %% C\nc = [xs]\nif c:\n    d = c\n# %% D\nprint(y)\n"
    history = History(tmp_path, text)
    plan = history.plan()
    assert plan.effects(history.needs["b"], State()) == {
        "bound": ["z", "zs"],
        "changed": ["xs", "zs"],
        "anything": False,
        "wanted": sorted(history.needs["c"].reads | history.needs["d"].reads),
        "passing": ["c", "d"],
    }
    assert plan.effects(history.needs["d"], State())["wanted"] == []
    assert plan.effects(history.needs["d"], State())["passing"] == []


def test_a_worker_is_told_where_anything_may_be_changed_or_read(tmp_path):
    text = "# %% A\na = 1\n# %% B\nexec(a)\n# %% C\nimport warnings\nwarnings.simplefilter('ignore')\n# %% D\nd = 1\n"
    history = History(tmp_path, text)
    state = State(lost={"it": ("a", "now"), "con": ("a", "now")})
    effects = {name: history.plan().effects(need, state) for name, need in history.needs.items()}
    assert (effects["a"]["wanted"], effects["a"]["passing"]) == (None, None)
    assert (effects["b"]["changed"], effects["b"]["anything"]) == (["con", "it"], True)
    assert (effects["c"]["changed"], effects["c"]["anything"]) == ([], True)
    assert effects["d"]["anything"] is False
