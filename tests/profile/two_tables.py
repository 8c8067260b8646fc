"""Pairs of tables without any difference, with columns of many kinds; and with one, of a known size."""

import numpy as np
import pandas as pd

from dsml_magics.profile.figures import Figures
from dsml_magics.profile.insight.drift import correlations_changed, drifted
from dsml_magics.profile.measure import columns_of, comparison_of, profile_of
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.value import Profile

DIFFERENCES = ("missing", "new category", "mean", "shares", "correlation")


def columns_of_kinds(random, rows, width):
    """Numbers with and without ties and gaps, truth values, and categories, up to about one row each."""
    makers = (
        lambda: random.normal(size=rows),
        lambda: random.poisson(3, rows),
        lambda: random.lognormal(0, 2, rows),
        lambda: np.where(random.random(rows) < 0.1, np.nan, random.gamma(2, size=rows)),
        lambda: random.random(rows) < 0.1,
        lambda: random.poisson(0.1, rows).astype(float),
        lambda: categories(random, rows, 2),
        lambda: categories(random, rows, 5, gaps=0.2),
        lambda: categories(random, rows, 40),
        lambda: categories(random, rows, 300),
        lambda: categories(random, rows, max(rows // 3, 2), even=True),
    )
    return {f"x{place}": makers[place % len(makers)]() for place in range(width)}


def categories(random, rows, number, *, even=False, gaps=0.0):
    """Categories with shares as those of words (Zipf), or even ones."""
    shares = np.ones(number) if even else 1 / np.arange(1, number + 1)
    drawn = random.choice([f"c{n}" for n in range(number)], rows, p=shares / shares.sum()).astype(object)
    drawn[random.random(rows) < gaps] = None
    return drawn


def clean(random, rows, width):
    """Two tables of one distribution."""
    both = pd.DataFrame(columns_of_kinds(random, sum(rows), width))
    return both[: rows[0]].reset_index(drop=True), both[rows[0] :].reset_index(drop=True)


def moved(random, rows, difference, *, width=10):
    """Two tables that differ in the column ``moved`` alone, by what a user would want to know."""
    first, second = clean(random, (rows, rows), width)
    noise, shares = random.normal(size=(2, 2, rows)), np.array([0.4, 0.3, 0.2, 0.1])
    one, two = noise[0]
    if difference == "missing":
        one, two = (
            np.where(random.random(rows) < 0.05, np.nan, one),
            np.where(random.random(rows) < 0.1, np.nan, two),
        )
    if difference == "mean":
        two = two + 0.2
    if difference in ("new category", "shares"):
        after = {"new category": [0.38, 0.285, 0.19, 0.095, 0.05], "shares": [0.34, 0.28, 0.22, 0.16]}[
            difference
        ]
        one = random.choice(list("abcd"), rows, p=shares)
        two = random.choice(list("abcde")[: len(after)], rows, p=after)
    first, second = first.assign(moved=one), second.assign(moved=two)
    if difference == "correlation":
        first["beside"] = 0.6 * one + 0.8 * noise[1][0]
        second["beside"] = 0.3 * two + 0.91**0.5 * noise[1][1]
    return first, second


def alarms(first, second, settings=Settings()):  # noqa: B008  it is frozen
    """What is pointed out of two tables, as code and column: what a profile does, without the rest of its report."""
    states = profile_of(first).require_state(), profile_of(second).require_state()
    profile = Profile(states[0], settings, (states[1], ""))
    columns = columns_of(states[0])
    figures = Figures(rows=states[0].rows, columns=columns, comparison=comparison_of(profile, columns))
    found = (*drifted(figures, settings), *correlations_changed(figures, settings))
    return {(insight.code, insight.column) for insight in found}
