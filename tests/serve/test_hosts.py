"""Whom a request was meant for: pages of other sites do not reach a server without a token."""

import socket

import pytest

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
        ("http://evil.example://localhost:80", 403),
        ("http://evil.example://api.example", 403),
        ("null", 403),
        ("", 403),
    ],
)
def test_origins(origin, status):
    assert status_of(Hosts("127.0.0.1", ["api.example"]), host="localhost:80", origin=origin) == status


def refusal(hosts, **headers):
    with pytest.raises(Refusal) as told:
        hosts.require({name.encode(): value.encode("latin-1") for name, value in headers.items()})
    return str(told.value)


def test_a_refusal_names_the_host_and_what_to_do():
    hosts = Hosts("127.0.0.1", [])
    assert "--allowed-hosts my.example, or set a token" in refusal(hosts, host="My.Example:8080")
    assert "x" * 100 in (told := refusal(hosts, host="x" * 5000)) and "x" * 101 not in told
    told = refusal(hosts, host="localhost", origin="http://evil.example")
    assert told.startswith("Expected no request from a page of another site. Allow")
    assert told.endswith(" by --allowed-hosts.")


def test_programs_may_leave_the_host_out():
    hosts = Hosts("127.0.0.1", [])
    assert status_of(hosts) == 200
    assert status_of(hosts, origin="http://evil.example") == 403


def test_a_server_answers_to_the_name_of_its_machine():
    assert status_of(Hosts("127.0.0.1", []), host=socket.gethostname().upper()) == 200


def test_names_are_allowed_in_any_case():
    hosts = Hosts("Box.LAN", ["API.example"])
    assert status_of(hosts, host="BOX.lan") == status_of(hosts, host="api.EXAMPLE") == 200
    assert status_of(hosts, host="box.lan", origin="https://Api.Example:8443") == 200


def test_own_names_are_no_leave_for_other_ports():
    """Another server of the machine is another site."""
    assert status_of(Hosts("box.lan", []), host="box.lan:80", origin="http://box.lan:81") == 403


def test_bytes_beyond_ascii_are_refused_as_any_name():
    assert "\xe9.example" in refusal(Hosts("127.0.0.1", []), host="\xe9.example")
    assert "--allowed-hosts" in refusal(
        Hosts("127.0.0.1", []), host="localhost", origin="http://\xe9.example"
    )


def test_there_is_no_end_of_hosts_where_any_is_allowed():
    hosts = Hosts("127.0.0.1", ["*"])
    assert {status_of(hosts, host=f"h{n}.example") for n in range(300)} == {200}
    assert {status_of(hosts, host=f"h{n}.example") for n in range(300)} == {200}


def test_any_host_can_be_allowed():
    assert status_of(Hosts("127.0.0.1", ["*"]), host="evil.example", origin="http://else.example") == 200
