"""A shadow answers all requests too, unseen; its answers are only compared."""

import pytest
from served import X, ask, compared, figure, records, rows_of, serving, until

import dsml_magics as dsml
from dsml_magics.errors import ModelNotFound


def test_a_shadow_answers_unseen_and_is_compared(ledger):
    with serving("income@1", shadow=2) as server:
        rows = X.dropna().to_dict("records")
        expected = ledger.models[1].predict(X.dropna()).tolist()
        assert ask(server, "/invocations", records(*rows))[2]["predictions"] == expected
        until(lambda: compared(server, "1", "2") == len(rows))
        differing = sum(a != b for a, b in zip(expected, ledger.models[2].predict(X.dropna()), strict=True))
        assert figure(server, "dsml_differing_rows_total", 'other="2"') == differing > 0
        assert rows_of(server, "2") == 0


def test_a_shadow_that_is_not_there_is_told(ledger):
    with pytest.raises(ModelNotFound, match="No version '9'"):
        dsml.serve("income", shadow=9)
