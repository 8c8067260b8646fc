"""Which names of a block are parameters and which are metrics: by role, not by literal."""

import argparse

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import make_classification
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import accuracy_score, mean_squared_error, roc_auc_score
from sklearn.model_selection import (
    GridSearchCV,
    KFold,
    cross_val_score,
    cross_validate,
    train_test_split,
)
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from dsml_magics.track.capture import Before, found
from dsml_magics.track.roles import Roles
from dsml_magics.track.source import Source

X, Y = make_classification(80, 4, random_state=0)
MODEL = LogisticRegression().fit(X, Y)


def names():
    given_ = (
        LogisticRegression,
        Ridge,
        RandomForestClassifier,
        GridSearchCV,
        KFold,
        StandardScaler,
        accuracy_score,
        cross_val_score,
        cross_validate,
        make_pipeline,
        mean_squared_error,
        roc_auc_score,
        train_test_split,
    )
    more = {"np": np, "pd": pd, "X": X, "y": Y, "c": 0.5, "n": 3, "kind": "l2", "old": MODEL}
    return {each.__name__: each for each in given_} | more


def after(source, **extra):
    own = {**names(), **extra}
    before = Before.of(own)
    exec(source, own)
    return found(Source(source), before, own, params=None, metrics=None)


# source, parameters and metrics that the code's own names become
CELLS = {
    "a literal": ("C_ = 0.1\n", "C_", ""),
    "the variable of a loop around the block": ("C_ = c\n", "C_", ""),
    "a copy that a constructor takes": ("C_ = c\nm = LogisticRegression(C=C_)\n", "C_", ""),
    "arithmetic of literals": ("lr = 2 * 1e-4\nalpha = 10 ** -3\n", "lr alpha", ""),
    "computed and given to a constructor": (
        "C_ = float(np.exp(n))\nm = LogisticRegression(C=C_)\n",
        "C_",
        "",
    ),
    "a share of a split": ("share = c / 2\na, b = train_test_split(X, test_size=share)\n", "share", ""),
    "folds": ("k = n + 2\ns = cross_val_score(old, X, y, cv=KFold(k)).mean()\n", "k", "s"),
    "folds of the search": ("k = len('abc')\ns = cross_val_score(old, X, y, cv=k)\n", "k", "s"),
    "a score": ("auc = roc_auc_score(y, old.predict_proba(X)[:, 1])\n", "", "auc"),
    "the model's own score": ("a = old.score(X, y)\n", "", "a"),
    "arithmetic of scores": (
        "a = old.score(X, y)\nb = 1 - a\nd = round(100 * a, 1)\n",
        "",
        "a b d",
    ),
    "a score that is used for the next model": (
        "a = old.score(X, y)\nm = LogisticRegression(C=a)\n",
        "",
        "a",
    ),
    "unpacking": ("a, b = 0.5, old.score(X, y)\n", "a", "b"),
    "two scores of a function": (
        "def judge(m):\n    return m.score(X, y), 0.5\nfirst, second = judge(old)\n",
        "",
        "first second",
    ),
    "a function of the user": (
        "def run(c):\n    return cross_val_score(LogisticRegression(C=c), X, y).mean()\nresult = run(c)\n",
        "",
        "result",
    ),
    "best of a loop": (
        "best = 0\nfor c in [0.1, 1.0]:\n    s = LogisticRegression(C=c).fit(X, y).score(X, y)\n"
        "    if s > best:\n        best, best_c = s, c\n",
        "c best_c",
        "s best",
    ),
    "a comprehension": (
        "grid = np.logspace(-1, 1, 3)\ns = [LogisticRegression(C=c).fit(X, y).score(X, y) for c in grid]\n",
        "grid",
        "s",
    ),
    "a dict of scores": ("d = {'auc': old.score(X, y), 'rows': len(X)}\n", "", "d.auc"),
    "a dict that is filled": ("d = {}\nd['auc'] = old.score(X, y)\n", "", "d.auc"),
    "a list that is filled": (
        "s = []\nfor k in (2, 3):\n    s.append(cross_val_score(old, X, y, cv=k).mean())\n",
        "k",
        "s",
    ),
    "cross_validate": (
        "r = cross_validate(old, X, y, cv=3)\nmean = r['test_score'].mean()\n",
        "",
        "mean r.test_score r.fit_time r.score_time",
    ),
    "settings in a dict": (
        "C_ = c\np = {'C': C_, 'max_iter': 50}\nm = LogisticRegression(**p)\n",
        "C_ p",
        "",
    ),
    "arguments of the shell": ("lr = args.lr\nm = Ridge(alpha=lr)\n", "lr", ""),
    "arguments that nothing is seen to take": ("lr = args.lr\n", "lr", ""),
    "a text from outside": ("penalty = kind\n", "penalty", ""),
    "a text about a score": ("a = old.score(X, y)\ntext = f'{a:.3f}'\n", "", "a"),
    "a running total": ("total = 0\nfor v in [0.5, 1.5]:\n    total += v\n", "", "total"),
    "a counter": ("i = 0\nfor v in 'ab':\n    i += 1\n", "", ""),
    "the variable of a loop": ("for t in [0.5, 0.25]:\n    pass\n", "", ""),
    "named like a score": ("loss = float(np.mean([c, 1.0]))\n", "", "loss"),
    "computed of data": ("ratio = float(np.mean(y))\n", "", "ratio"),
    "the best of a search": (
        "search = GridSearchCV(LogisticRegression(), {'C': [0.1, 1.0]}, cv=2).fit(X, y)\n"
        "best_C = search.best_params_['C']\nbest = search.best_score_\n",
        "best_C",
        "best search.best_score_",
    ),
    "a threshold": (
        "t = 0.3\npred = old.predict_proba(X)[:, 1] > t\na = accuracy_score(y, pred)\n",
        "t",
        "a",
    ),
    "an error below a root": ("rmse = mean_squared_error(y, old.predict(X)) ** 0.5\n", "", "rmse"),
    "an average of folds": (
        "s = cross_val_score(old, X, y, cv=3)\nm, d = np.mean(s), s.std()\n",
        "",
        "s m d",
    ),
    "a frame of scores": (
        "rows = [{'C': v, 's': old.score(X, y)} for v in (0.1, 1.0)]\nt = pd.DataFrame(rows)\ntop = t['s'].max()\n",
        "",
        "top",
    ),
    "the candidate with the best score": (
        "s = {v: LogisticRegression(C=v).fit(X, y).score(X, y) for v in (0.1, 1.0)}\n"
        "pick = max(s, key=s.get)\nm = LogisticRegression(C=pick).fit(X, y)\n",
        "pick",
        "",
    ),
    "a pipeline": (
        "depth = n\np = make_pipeline(StandardScaler(), RandomForestClassifier(max_depth=depth, n_estimators=2))\n",
        "depth",
        "",
    ),
    "in a function of the cell": (
        "C_ = c\ndef build():\n    return LogisticRegression(C=C_)\nm = build().fit(X, y)\n",
        "C_",
        "",
    ),
    "a walrus": ("if (a := old.score(X, y)) > 0:\n    pass\n", "", "a"),
    "a branch": ("C_ = 0.1 if n > 2 else c\nm = LogisticRegression(C=C_)\n", "C_", ""),
    "a parameter that is set": (
        "C_ = float(np.exp(1))\nm = LogisticRegression().set_params(C=C_)\n",
        "C_",
        "",
    ),
    "whole numbers": (
        "trees = n * 2\nm = RandomForestClassifier(n_estimators=trees)\nrows = len(X)\n",
        "trees",
        "",
    ),
}


@pytest.mark.parametrize(("source", "parameters", "metrics"), CELLS.values(), ids=CELLS)
def test_a_name_has_the_role_that_the_code_gives_it(source, parameters, metrics):
    seen = after(source, args=argparse.Namespace(lr=0.5))
    own = {name for name in seen.parameters if "." not in name and name != "model"}
    scores = {name for name in {*seen.metrics, *seen.series} if ".cv_results_." not in name}
    assert (own, scores) == (set(parameters.split()), set(metrics.split()))


def test_a_sweep_written_in_two_ways_has_one_column():
    copied, literal = (
        after(f"C_ = {value}\nm = LogisticRegression(C=C_).fit(X, y)\n") for value in ("c", "0.5")
    )
    assert copied.parameters == literal.parameters
    assert copied.parameters["C_"] == "0.5"


def test_a_model_that_is_only_scored_tells_its_arguments():
    seen = after("s = cross_val_score(LogisticRegression(C=c, max_iter=200), X, y).mean()\n")
    assert seen.parameters == {
        "model": "LogisticRegression",
        "LogisticRegression.C": "0.5",
        "LogisticRegression.max_iter": "200",
    }


def test_candidates_of_a_loop_are_not_taken_for_the_model():
    seen = after("s = [cross_val_score(LogisticRegression(C=v), X, y).mean() for v in (0.1, 1.0)]\n", v=7.0)
    assert "LogisticRegression.C" not in seen.parameters


EXPRESSIONS = st.recursive(
    st.sampled_from(["0.5", "c", "n", "args.lr", "old.score(X, y)", "len(X)", "grid[0]"]),
    lambda inner: st.one_of(
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} + {pair[1]})"),
        inner.map(lambda each: f"round({each}, 3)"),
        inner.map(lambda each: f"[{each}][0]"),
        inner.map(lambda each: f"float({each})"),
        st.tuples(inner, inner).map(lambda pair: f"({pair[0]} if c else {pair[1]})"),
    ),
    max_leaves=6,
)


@given(EXPRESSIONS)
def test_what_holds_a_score_is_a_metric_and_what_a_model_takes_is_a_parameter(expression):
    source = Source(f"v = {expression}\nm = LogisticRegression(C=v)\n")
    assert Roles(source, names()).of("v") == ("metric" if ".score(" in expression else "parameter")


@given(st.text(alphabet="abc=+()[]{},.: \n0.5for in", max_size=60))
def test_any_code_has_roles(text):
    source = Source(text)
    roles = Roles(source, {})
    assert all(roles.of(name) in ("parameter", "metric", "none") for name in source.bound)
