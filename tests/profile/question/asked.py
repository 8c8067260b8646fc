"""A table with something of everything, and what the nine questions say of it."""

import datetime as dt

import numpy as np

from dsml_magics.profile.language import say

rng = np.random.default_rng(0)
ROWS = 1000
NOISE = rng.normal(size=ROWS)
DAYS = [dt.datetime(2024, 1, 1) + dt.timedelta(hours=n) for n in range(ROWS)]


def gaps(values, share, seed=0):
    gone = np.random.default_rng(seed).random(len(values)) < share
    return [None if missing else value for value, missing in zip(values, gone, strict=True)]


def choice(values, p=None, seed=1, rows=ROWS):
    return np.random.default_rng(seed).choice(values, rows, p=p).tolist()


def mixed():
    """A table with something of everything."""
    target = choice(["stay", "go"], [0.95, 0.05])
    return {
        "id": [f"K{n}" for n in range(ROWS)],
        "sex": choice(["male", "female"], seed=2),
        "age": np.random.default_rng(3).integers(18, 80, ROWS).tolist(),
        "country": choice([f"c{n}" for n in range(40)], seed=4),
        "city": choice([f"t{n}" for n in range(300)], seed=5),
        "income": np.exp(2 * NOISE).tolist(),
        "height": gaps(NOISE + 170, 0.02, 6),
        "weight": gaps(NOISE * 9 + 70 + np.random.default_rng(7).normal(size=ROWS), 0.2, 8),
        "grade": gaps(choice(["a", "b", "c"], seed=9), 0.2, 10),
        "colour": gaps(choice(["red", "blue"], seed=11), 0.02, 12),
        "flag": gaps(choice([True, False], seed=13), 0.2, 14),
        "note": gaps([f"customer {n} called about the bill" for n in range(ROWS)], 0.1, 15),
        "left": gaps(np.random.default_rng(16).permutation(DAYS).tolist(), 0.2, 17),
        "when": gaps(np.random.default_rng(18).permutation(DAYS).tolist(), 0.01, 19),
        "empty": gaps(NOISE * 2, 0.9, 20),
        "only": gaps(["yes"] * ROWS, 0.5, 21),
        "price": gaps([f"{n % 40},5" for n in range(ROWS)], 0.2, 24),
        "one": [1] * ROWS,
        "twin": (NOISE * 3 + 1).tolist(),
        "original": NOISE.tolist(),
        "gain": [max(0.0, value - 0.5) for value in np.random.default_rng(22).normal(size=ROWS)],
        "born": [f"{1950 + n % 50}-01-{n % 28 + 1:02}" for n in range(ROWS)],
        "mail": [f"p{n % 900}@example.org" for n in range(ROWS)],
        "parts": [[n % 3] for n in range(ROWS)],
        "nested": gaps([[n % 4] for n in range(ROWS)], 0.02, 23),
        "status": target,
        "copy": ["S" if value == "stay" else "G" for value in target],
    }


def answer(profile, code):
    return next(each for each in profile.questions if each.code == code)


def said(profile, code, language="en"):
    found = answer(profile, code)
    return [say(each.code, each.values, language) for each in (found.answer, *found.evidence)]


def values(profile, code, statement):
    found = answer(profile, code)
    return [each.values for each in (found.answer, *found.evidence) if each.code == f"question.{statement}"]


def table(rows, features, p=(0.5, 0.5)):
    random = np.random.default_rng(5)
    x = random.normal(size=(rows, features))
    return {**{f"x{n}": x[:, n] for n in range(features)}, "y": random.choice(["a", "b"], rows, p=p)}
