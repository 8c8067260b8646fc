"""A real table, served: every row answered as the notebook would, and a promotion under load."""

import numpy as np
import pandas as pd
import pytest
from served import Load, ask, ledger_of, plain_rows, records, serving, until
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder

import dsml_magics as dsml

pytestmark = pytest.mark.slow


def fitted(frame, target, **how):
    head = make_column_transformer(
        (
            OneHotEncoder(handle_unknown="ignore", sparse_output=False),
            make_column_selector(dtype_exclude="number"),
        ),
        remainder="passthrough",
    )
    return make_pipeline(head, HistGradientBoostingClassifier(**how)).fit(frame, target)


def test_adult_is_promoted_under_load_without_a_failure(shared_data, tmp_path):
    adult = pd.read_csv(shared_data / "adult.csv")
    target, rows = adult.pop("income"), adult
    models = [fitted(rows, target, max_iter=count) for count in (40, 5)]
    with ledger_of(tmp_path):
        for model in models:
            package = dsml.deploy(model, name="income", data=rows)
            assert package.proof.path == "compiled", package.proof.path_reason
        with serving("income@champion", workers=2) as server:
            expected = models[0].predict(rows)
            for start in range(0, len(rows), 8000):
                part = rows[start : start + 8000]
                status, _, body = ask(server, "/invocations", records(*plain_rows(part)))
                assert (status, body["predictions"]) == (200, expected[start : start + 8000].tolist())
            differing = np.flatnonzero(models[0].predict(rows[:2000]) != models[1].predict(rows[:2000]))[:10]
            with Load(server, rows.iloc[differing]) as load:
                dsml.promote("income", "challenger", why="fewer trees")
                until(lambda: server.version == 2)
            assert not load.failures
            assert set(load.statuses) == {200}
            assert load.answers == {tuple(model.predict(rows.iloc[differing]).tolist()) for model in models}
