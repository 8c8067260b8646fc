"""Whatever a script is made of, it goes on in another process after each of its steps."""

import os
import pickle

import pytest

from dsml_magics.run import starting
from dsml_magics.run.keeping import Effects, Keeper
from dsml_magics.run.record import UNREAD
from dsml_magics.run.store import store_at
from dsml_magics.run.wish import Wish
from tests.pipeline import traps_of_python
from tests.run.conftest import Forgetful, differing, in_steps, plainly, witness

pytestmark = pytest.mark.slow

# What shares an index or a built-in namespace shows no difference to anybody.
HARMLESS = ("columns", "categories", "__builtins__", "list_iterator")
TRAPS = (
    "a function reads a global that is bound again", "a function that fills a list",
    "a default argument that remembers", "closures over a loop variable", "an alias that is changed",
    "an alias of a frame", "a generator that is half used", "the global random state",
    "NumPy's global random state", "a random object", "a name that is deleted", "a star import",
    "a late import", "a class defined again", "class attributes", "inheritance across cells",
    "a dataclass and an enum", "pandas options", "plot style and settings", "the environment",
    "the working folder", "a module of another folder", "a pickle of a class of the notebook",
    "exec and eval", "setattr on a module", "decorators with state", "a cache", "nested data",
    "an estimator fitted in place", "a pipeline with a function of the notebook", "frames of all kinds",
    "polars and arrow", "warnings and logging", "nested functions and nonlocal", "torch", "properties and descriptors",
)  # fmt: skip


@pytest.mark.parametrize("trap", TRAPS)
def test_a_script_that_loses_its_process_after_each_step_ends_the_same(trap, workdir, monkeypatch):
    pipeline = in_steps(traps_of_python.TRAPS[trap])
    source, left = pipeline.to_script(), pipeline.stand_ins
    plain = plainly(source, left, workdir / "plain")
    folder, dump = workdir / "run", workdir / "run.pickle"
    folder.mkdir()
    os.chdir(folder)
    (folder / "trap.py").write_text(source + witness(dump, folder, left), encoding="utf-8")
    monkeypatch.setattr(starting, "Doing", Forgetful)
    starting.ran(folder / "trap.py", Wish(), words=(), file=None, state=None)
    found = pickle.loads(dump.read_bytes())["names"]
    assert not {each for each in differing(plain, found) if not any(word in each for word in HARMLESS)}


def kept(names, folder):
    """Keep names and bring them back into an empty namespace."""
    keeper = Keeper(store_at(folder), names, dict)
    left = keeper.left([], Effects())
    other = Keeper(store_at(folder), {}, dict)
    _, unreadable = other.load(left.groups)
    assert not unreadable
    other.load_modules(left.modules)
    return left, other.names


def groups(left):
    return {group.names for group in left.groups}


def test_names_that_share_an_object_stay_together(tmp_path):
    inner = [1]
    left, found = kept({"a": {"x": inner}, "b": inner, "c": [1], "text": "t", "d": ("t", 1)}, tmp_path)
    assert groups(left) == {("a", "b"), ("c",), ("d",), ("text",)}
    found["b"].append(2)
    assert found["a"] == {"x": [1, 2]}


def test_views_stay_views_and_frames_do_not(tmp_path):
    import numpy as np
    import pandas as pd

    a = np.arange(12.0).reshape(3, 4)
    df = pd.DataFrame({"x": np.arange(9)})
    names = {"a": a, "row": a[1], "back": a[::-1, ::2], "alone": np.ones(3)[1:], "df": df, "head": df.head(3)}
    left, found = kept(names, tmp_path)
    assert ("a", "back", "row") in groups(left) and {("df",), ("head",)} <= groups(left)
    found["a"][1] = 7
    assert found["row"].tolist() == [7.0] * 4 and found["back"][1].tolist() == [7.0, 7.0]
    found["df"].loc[0, "x"] = 50
    assert found["head"]["x"].tolist() == [0, 1, 2]


def test_arrays_that_cannot_be_written_stay_so(tmp_path):
    import numpy as np

    big, small = np.zeros(100_000), np.zeros(3)
    big.flags.writeable = small.flags.writeable = False
    _, found = kept({"big": big, "small": small, "free": np.zeros(100_000)}, tmp_path)
    assert [found[name].flags.writeable for name in ("big", "small", "free")] == [False, False, True]


def test_what_raises_when_it_is_pickled_is_lost_with_a_reason(tmp_path):
    class Bad:
        def __reduce_ex__(self, protocol):
            raise RuntimeError("not me\nat all")

    with open(os.devnull) as file:
        left, found = kept({"bad": Bad(), "in_list": [Bad()], "good": 1, "open": file}, tmp_path)
    assert left.lost["bad"] == "not me" and set(left.lost) == {"bad", "in_list", "open"}
    assert found == {"good": 1}


@pytest.mark.parametrize(
    "words",
    [{"mode": "w", "encoding": "latin-1"}, {"mode": "wb"}, {"mode": "r+b"}, {"mode": "wb", "buffering": 0}],
)
def test_a_file_that_is_closed_stays_closed(words, tmp_path):
    path = tmp_path / "file"
    path.touch() if words["mode"] == "r+b" else None
    with open(path, **words) as file:
        pass
    left, found = kept({"file": file}, tmp_path / "state")
    again = found["file"]
    assert not left.lost and again.closed
    assert (type(again), again.name, again.mode) == (type(file), file.name, file.mode)
    assert getattr(again, "encoding", None) == getattr(file, "encoding", None)
    assert path.exists()


def test_a_closed_file_that_unpacks_another_is_lost(tmp_path):
    import gzip

    with gzip.open(tmp_path / "file.gz", "wt") as file:
        pass
    left, _ = kept({"file": file}, tmp_path / "state")
    assert left.lost == {"file": "cannot pickle 'TextIOWrapper' object"}


def test_what_shares_an_object_by_now_is_compared_as_well(tmp_path):
    names = {"a": [1], "other": [1]}
    keeper = Keeper(store_at(tmp_path), names, dict)
    keeper.look()
    names["b"] = names["a"]
    names["b"].append(2)
    left = keeper.left([], Effects(frozenset("b"), frozenset("b"), anything=False))
    assert groups(left) == {("a", "b")} and keeper.unforeseen == frozenset()


def test_what_holds_a_value_of_another_name_holds_it_again(tmp_path):
    names = {"columns": ["a"]}
    keeper = Keeper(store_at(tmp_path), names, dict)
    first = keeper.left([], Effects())
    names["model"] = {"columns": names["columns"], "size": 1}
    second = keeper.left([], Effects())
    assert groups(second) == {("model",)} and second.groups[0].refs == ("columns",)
    other = Keeper(store_at(tmp_path), {}, dict)
    other.load([*second.groups, *first.groups])
    assert other.names["model"]["columns"] is other.names["columns"]
    # One that is bound anew later is kept with what holds it.
    names["second"] = {"columns": names["columns"]}
    third = keeper.left([], Effects(passing=frozenset(("columns",))))
    assert ("columns", "model", "second") in groups(third) or ("columns", "second") in groups(third)


def test_only_what_changed_is_told(tmp_path):
    names = {"a": [1], "b": [2], "os": os}
    keeper = Keeper(store_at(tmp_path), names, dict)
    keeper.look()
    names["a"].append(3)
    del names["b"]
    left = keeper.left([], Effects())
    assert (groups(left), left.gone, left.modules) == ({("a",)}, ("b",), {})
    assert keeper.left([], Effects()).names == set()


def test_many_objects_are_kept_only_where_a_later_step_reads_them(tmp_path):
    names = {"path": [[number] for number in range(1500)], "numbers": [*range(1500)], "few": [[1], [2]]}
    keeper = Keeper(store_at(tmp_path), names, dict)
    left = keeper.left([], Effects(wanted=frozenset()))
    assert groups(left) == {("numbers",), ("few",)} and left.lost == {"path": UNREAD}
    names["path"].append([0])
    assert keeper.left([], Effects(wanted=frozenset())).groups == ()
    assert ("path",) in groups(keeper.left([], Effects(wanted=frozenset(("path",)))))
    other = Keeper(store_at(tmp_path / "other"), names, dict)
    assert ("path",) in groups(other.left([], Effects()))
