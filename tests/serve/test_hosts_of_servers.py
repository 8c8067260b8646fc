"""Servers without a token answer their own hosts only."""

import pytest
from served import ROW, ask, ledger_of, records, serving

pytestmark = pytest.mark.slow


def test_a_server_without_a_token_answers_its_own_hosts_only(server):
    body = records(ROW)
    for headers, status in (
        ({"Host": "evil.example"}, 421),
        ({"Origin": "http://evil.example"}, 403),
        ({"Origin": server.url}, 200),
    ):
        assert ask(server, "/invocations", body, headers=headers)[0] == status
        assert ask(server, "/docs", headers=headers)[0] == status
    # Probes come by whatever name, and learn nothing.
    assert ask(server, "/health/ready", headers={"Host": "evil.example"})[0] == 200


def test_names_can_be_allowed(made):
    with ledger_of(made.folder), serving("income@1", allowed_hosts=["my.example"]) as server:
        headers = {"Host": "my.example:8080", "Origin": "https://my.example"}
        assert ask(server, "/invocations", records(ROW), headers=headers)[0] == 200
        assert ask(server, "/invocations", records(ROW), headers={"Host": "your.example"})[0] == 421
