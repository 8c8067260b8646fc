"""Rows that tables to train and to test on share: leaks are told from natural duplicates."""

import numpy as np
import pandas as pd
import pytest
from sklearn.model_selection import train_test_split

from dsml_magics.track.leak import find_leaks
from dsml_magics.track.notice import show_notice

RNG = np.random.default_rng(0)
UNLIKE = pd.DataFrame({"a": RNG.normal(size=1000), "b": RNG.normal(size=1000)})
ALIKE = pd.DataFrame({"a": RNG.integers(0, 40, 3000), "b": RNG.integers(0, 40, 3000)})


def test_rows_in_both_tables_are_counted():
    (leak,) = find_leaks({"X_train": UNLIKE[:800], "X_test": UNLIKE[700:]})
    assert (leak.rows, leak.of, leak.explained) == (100, 300, 0)
    assert str(leak).startswith(
        "X_train and X_test share 100 rows (33.3% of X_test); natural duplicates explain none of them."
    )


@pytest.mark.parametrize("seed", range(20))
def test_a_clean_split_of_a_table_with_many_duplicates_is_no_leak(seed):
    train, test = train_test_split(ALIKE, test_size=0.3, random_state=seed)
    assert find_leaks({"train": train, "test": test}) == []


@pytest.mark.parametrize("seed", range(20))
def test_a_leak_is_seen_among_natural_duplicates(seed):
    # Rows of 1,600 kinds, so that most of a clean test set has equals in the training set.
    train, test = train_test_split(ALIKE, test_size=0.3, random_state=seed)
    leaked = pd.concat([test, train.sample(1500, random_state=seed)])
    (leak,) = find_leaks({"train": train, "test": leaked})
    natural = leak.explained / leak.of
    clean = test.merge(train.drop_duplicates(), on=["a", "b"]).shape[0] / len(test)
    assert natural == pytest.approx(clean, abs=0.08)
    assert f"natural duplicates explain about {leak.explained:,.0f}" in str(leak)


@pytest.mark.parametrize(
    "tables",
    [
        {"train": UNLIKE, "other": UNLIKE},
        {"train": UNLIKE, "test": UNLIKE.rename(columns={"a": "c"})},
        {"train": UNLIKE[["a"]], "test": UNLIKE[["a"]]},
        {"train": UNLIKE[:0], "test": UNLIKE},
        {"train": UNLIKE, "test": 3},
    ],
    ids=["another name", "other columns", "one column", "no rows", "no table"],
)
def test_what_is_no_pair_of_tables_is_not_compared(tables):
    assert find_leaks(tables) == []


def test_arrays_are_compared_as_frames_are():
    values = UNLIKE.to_numpy()
    assert find_leaks({"X_train": values[:800], "X_test": values[790:]})[0].rows == 10


@pytest.mark.parametrize(
    "change",
    [
        lambda frame: frame.assign(a=frame["a"].round()),
        lambda frame: frame.assign(t=frame["a"].map(str), gap=frame["a"].where(frame["a"] > 0)),
        lambda frame: frame.assign(k=pd.Categorical(frame["a"].map("{:.0f}".format))),
    ],
    ids=["numbers", "texts and gaps", "categories"],
)
def test_rows_are_equal_by_value_whatever_their_columns_hold(change):
    train, test = change(UNLIKE[:800].copy()), change(UNLIKE[790:].copy())
    assert find_leaks({"train": train, "test": test})[0].rows == 10


def test_numbers_of_another_type_are_equal_by_value():
    whole = pd.DataFrame({"a": range(100), "b": range(100)})
    assert find_leaks({"train": whole, "test": whole[95:].astype("float64")})[0].rows == 5


def test_a_notice_is_plain_in_a_notebook_and_keeps_out_of_a_scripts_output(monkeypatch, capsys):
    import sys

    show_notice("in a script")
    monkeypatch.setitem(sys.modules, "ipykernel.kernelapp", sys)
    show_notice("in a notebook")
    out, err = capsys.readouterr()
    assert (out, err) == ("dsml: in a notebook\n", "dsml: in a script\n")
