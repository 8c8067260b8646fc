"""A canary answers its share of the requests; who asked is answered once, and the versions are compared."""

import pytest
from served import X, ask, compared, figure, records, rows_of, serving, until

import dsml_magics as dsml
from dsml_magics.errors import ServerUnusable

pytestmark = pytest.mark.slow


def test_a_canary_answers_its_share_and_is_compared(ledger):
    with serving("income@1", canary="2=30") as server:
        rows = X.dropna().to_dict("records")[:300]
        for row in rows:
            assert ask(server, "/invocations", records(row))[0] == 200
        until(lambda: rows_of(server, "1") + rows_of(server, "2") == 300)
        assert 45 < rows_of(server, "2") < 140
        until(lambda: compared(server, "2", "1") == rows_of(server, "2"))
        assert 0 < figure(server, "dsml_differing_rows_total", 'other="1"') < rows_of(server, "2")
        labels = ask(server, "/v2/models/income")[2]["versions"]
        assert labels == ["1", "2"]
        assert ask(server, "/v2/models/income/versions/2/ready")[0] == 200


@pytest.mark.parametrize("canary", ["4", "4=200"])
def test_a_canary_without_a_share_is_told(ledger, canary):
    with pytest.raises(ServerUnusable, match="VERSION=PERCENT"):
        dsml.serve("income", canary=canary)
