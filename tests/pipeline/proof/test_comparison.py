"""A notebook's run beside a script's: what agrees, what differs, and what cannot be proved."""

import pytest

from dsml_magics.pipeline.proof.comparison import Comparison
from dsml_magics.pipeline.proof.contents import Contents
from dsml_magics.pipeline.proof.run import Line, Run
from dsml_magics.pipeline.value import Pipeline


def leaf(value):
    return "leaf", type(value).__name__, repr(value)


def parts(**values):
    return "parts", "dict", {f"[{name!r}]": leaf(value) for name, value in values.items()}


def run(tmp_path, names=None, files=None, lines=()):
    described = {
        name: held if isinstance(held, tuple) else leaf(held) for name, held in (names or {}).items()
    }
    written = {name: leaf(content) for name, content in (files or {}).items()}
    printed = [line if isinstance(line, Line) else Line(line, 1) for line in lines]
    return Run(described, written, printed, 0.1, Contents(tmp_path / "contents"))


@pytest.fixture
def compared(tmp_path):
    """Compare what two runs left, as arguments of `run`, and learn from further runs of the notebook."""

    def compare(first, ours, *again, **pipeline):
        made = Comparison(run(tmp_path, **first), run(tmp_path, **ours), Pipeline("p", "P", (), **pipeline))
        for each in again:
            made.learn(run(tmp_path, **each))
        return made

    return compare


def test_equal_runs_are_proved_in_all_their_parts(compared):
    left = {
        "names": {"b": 1, "a": parts(x=1)},
        "files": {"z.txt": "1", "y.txt": "2"},
        "lines": ["one", "two"],
    }
    found = compared(left, left)
    assert not found.has_differences
    assert (found.differences, found.not_proved, found.not_compared) == ((), (), {})
    assert (found.proved_names, found.proved_files) == (("a", "b"), ("y.txt", "z.txt"))


def test_each_difference_is_named_and_the_first_line_that_differs(compared):
    first = {"names": {"a": 1, "b": parts(x=1, y=2), "c": 3, "d": 4}, "lines": ["one", "two", "three"]}
    ours = {"names": {"a": 1, "b": parts(x=1, y=5), "c": 4}, "lines": ["one", "2", "3"]}
    found = compared(first, ours)
    assert found.has_differences
    assert list(map(str, found.differences)) == [
        "b['y']: 2 in the notebook, 5 in the script",
        "c: 3 in the notebook, 4 in the script",
        "d: 4 in the notebook, missing in the script",
        "printed line 2: 'two' in the notebook, '2' in the script",
    ]
    assert found.proved_names == ("a",)
    assert found.not_proved == ()


def test_lines_alone_are_a_difference(compared):
    found = compared({"lines": ["one"]}, {"lines": ["two"]})
    assert found.has_differences
    assert len(found.differences) == 1


def test_files_of_either_run_alone_differ(compared):
    first, ours = {"files": {"a": 1, "b": "2", "same": "x"}}, {"files": {"a": 2, "c": "3", "same": "x"}}
    found = compared(first, ours)
    assert list(map(str, found.differences)) == [
        "file a: 1 in the notebook, 2 in the script",
        "file b: written in the notebook, not written in the script",
        "file c: not written in the notebook, written in the script",
    ]
    assert found.proved_files == ("same",)


def test_of_a_long_value_the_first_element_is_named(compared, tmp_path):
    contents = Contents(tmp_path / "contents")
    contents.keep("1", b"1\n2")
    contents.keep("2", b"1\n3")
    first, ours = ({"names": {"a": ("data", "Series", "1", digest, ("lines",))}} for digest in "12")
    (found,) = compared(first, ours).differences
    assert str(found) == "a[1]: 2 in the notebook, 3 in the script"


def test_variables_of_the_script_alone_are_no_difference(compared):
    assert not compared({"names": {"a": 1}}, {"names": {"a": 1, "b": 2}}).has_differences


def test_the_first_hundred_differences_are_listed(compared):
    first, ours = ({"names": {f"x{n:03}": side for n in range(150)}, "lines": [str(side)]} for side in (0, 1))
    found = compared(first, ours).differences
    assert [each.where for each in found] == [*(f"x{n:03}" for n in range(100)), "printed line 1"]


def test_what_another_run_of_the_notebook_has_otherwise_is_not_proved(compared):
    first = {"names": {"a": parts(x=1, y=1), "b": 1, "c": 1}, "files": {"f": "1"}, "lines": ["1", "2", "3"]}
    ours = {"names": {"a": parts(x=2, y=1), "b": 2, "c": 2}, "files": {"f": "2"}, "lines": ["1", "x", "y"]}
    again = {"names": {"a": parts(x=3, y=1), "b": 3, "c": 1}, "files": {"f": "3"}, "lines": ["1", "z", "3"]}
    found = compared(first, ours, again)
    assert found.has_differences
    assert [each.where for each in found.differences] == ["c", "printed line 3"]
    assert found.not_proved == ("a['x']", "b", "file f", "printed line 2")
    assert found.lines_not_proved == [1]
    # A third run may show more.
    more = {**again, "names": {"a": parts(x=1, y=2), "b": 1, "c": 4}, "lines": ["1", "2", "w"]}
    found = compared(first, ours, again, more)
    assert not found.has_differences
    assert found.differences == ()
    assert found.not_proved == ("a['x']", "b", "c", "file f", "printed line 2", "printed line 3")


@pytest.mark.parametrize("part", [".x", "[0]", " line"])
def test_a_part_of_what_is_unstable_is_not_proved(compared, part):
    def whole(value, **more):
        return "parts", "thing", {part: leaf(value), **more}

    again = {"names": {"a": whole(1, other=leaf(1))}}
    found = compared({"names": {"a": whole(1)}}, {"names": {"a": whole(2)}}, again)
    assert not found.has_differences
    assert found.not_proved == (f"a{part}",)


def test_a_name_that_begins_as_an_unstable_one_is_another(compared):
    first, ours, again = ({"names": {"a": value[0], "ab": value[1]}} for value in ((1, 1), (2, 2), (3, 1)))
    found = compared(first, ours, again)
    assert ([each.where for each in found.differences], found.not_proved) == (["ab"], ("a",))
    first, ours, again = (
        {"names": {"a": ("parts", "thing", {".x": leaf(value[0]), ".xX": leaf(value[1])})}}
        for value in ((1, 1), (2, 2), (3, 1))
    )
    found = compared(first, ours, again)
    assert ([each.where for each in found.differences], found.not_proved) == (["a.xX"], ("a.x",))
    found = compared({}, {"files": {"a": 1, "a.b": 1}}, {"files": {"a": 2}})
    assert ([each.where for each in found.differences], found.not_proved) == (["file a.b"], ("file a",))


def test_names_that_the_script_binds_otherwise_are_left_out(compared):
    left = {"names": {"display": 1, "a": 1}}, {"names": {"display": 2, "a": 1}}
    found = compared(*left, stand_ins=frozenset(["display"]))
    assert (found.has_differences, found.proved_names) == (False, ("a",))


def test_of_a_slice_only_its_variables_are_compared(compared):
    first = {"names": {"a": 1, "b": 1}, "files": {"f": "1"}, "lines": ["one"]}
    ours = {"names": {"a": 1, "b": 2}, "files": {"g": "2"}, "lines": ["two"]}
    found = compared(first, ours, kept_names=frozenset(["a"]))
    assert (found.has_differences, found.differences, found.not_proved) == (False, (), ())
    assert (found.proved_names, found.proved_files) == (("a",), ())
    assert compared(first, ours, kept_names=frozenset(["b"])).has_differences


def test_lines_that_the_script_leaves_out_are_no_difference(compared):
    first = {"lines": [Line("shown", 2), Line("printed", 3)]}
    found = compared(first, {"lines": ["printed"]}, silent_cells=frozenset([2]))
    assert (found.has_differences, found.not_proved) == (False, ())
    assert compared(first, {"lines": ["printed"]}, silent_cells=frozenset([3])).has_differences


def test_what_cannot_be_looked_into_is_named_with_its_kind(compared):
    hidden = "opaque", "generator"
    left = {"names": {"a": hidden, "b": ("parts", "list", {"[0]": leaf(1), "[1]": hidden})}}
    assert compared(left, left).not_compared == {"a": "generator", "b[1]": "generator"}


@pytest.mark.parametrize(
    ("name", "is_ledger"),
    [
        ("mlflow.db", True),
        ("mlflow.db-journal", True),
        ("mlflow.db-wal", True),
        ("below/mlflow.db-shm", True),
        ("mlruns/0/meta.yaml", True),
        ("below/mlartifacts/1/a", True),
        ("data.db", False),
        ("mlflow.txt", False),
        ("mlruns.csv", False),
    ],
)
def test_the_ledger_is_of_the_run(compared, name, is_ledger):
    found = compared({"files": {name: "1"}}, {"files": {name: "2"}})
    assert found.has_differences != is_ledger
    assert compared({"files": {name: "1"}}, {}).has_differences != is_ledger
    assert compared({}, {"files": {name: "1"}}).has_differences != is_ledger
    assert compared({"files": {name: "1"}}, {"files": {name: "1"}}).proved_files == (
        () if is_ledger else (name,)
    )
