"""Whom a request was meant for: pages of other sites do not reach a server without a token."""

import pytest
from served import ROW, ask, ledger_of, records, serving

from dsml_magics.serve.hosts import Hosts
from dsml_magics.serve.protocol.exchange import Refusal


def status_of(hosts, **headers):
    try:
        hosts.require({name.encode(): value.encode() for name, value in headers.items()})
    except Refusal as refusal:
        return refusal.status
    return 200


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("127.0.0.1:8080", 200),
        ("[::1]:8080", 200),
        ("10.1.2.3", 200),
        ("box.lan:80", 200),
        ("api.example", 200),
        ("evil.example", 421),
        ("localhost.evil.example", 421),
        ("evil.example:127.0.0.1", 421),
        ("127.0.0.1.evil.example", 421),
        ("[evil", 421),
    ],
)
def test_hosts(host, status):
    hosts = Hosts("box.lan", ["api.example"])
    assert [status_of(hosts, host=host) for _ in range(2)] == [status, status]


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:80", 200),
        ("https://api.example", 200),
        ("http://localhost:81", 403),
        ("http://evil.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_origins(origin, status):
    assert status_of(Hosts("127.0.0.1", ["api.example"]), host="localhost:80", origin=origin) == status


def test_any_host_can_be_allowed():
    assert status_of(Hosts("127.0.0.1", ["*"]), host="evil.example", origin="http://else.example") == 200


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
