"""Versions of a small model."""

from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from tests.deploy.conftest import X, Y

AGES = X[["age"]]


def deploy(C=1.0, **options):
    return dsml.deploy(LogisticRegression(C=C).fit(AGES, Y), name="income", data=AGES, **options)
