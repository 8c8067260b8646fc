"""Pairs of tables without any difference, with columns of many kinds; and with one, of a known size."""

import numpy as np
import pandas as pd

CATEGORIES = (2, 5, 40, 300)
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
    if difference == "correlation":
        first["beside"], second["beside"] = 0.6 * one + 0.8 * noise[1][0], 0.3 * two + 0.91**0.5 * noise[1][1]
    return first.assign(moved=one), second.assign(moved=two)
