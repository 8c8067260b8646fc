"""Columns that insights are found in."""

import numpy as np

rng = np.random.default_rng(0)
NOISE = rng.normal(size=400).tolist()
ABC = [*"abcd"] * 100
YES_NO = ["yes", "no"] * 200


def gaps(values, every, start=0):
    return [None if n % every == start else value for n, value in enumerate(values)]


def found(profile, code, column):
    return next((i for i in profile.insights if i.code == code and i.column in (column, None)), None)
