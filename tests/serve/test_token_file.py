"""Who has no token learns nothing but that the server lives."""

from pathlib import Path

import pytest
from served import ROW, ask, ledger_of, raw, records, serving

import dsml_magics as dsml
from dsml_magics.errors import ServerUnusable

BEARER = {"Authorization": "Bearer correct-horse-battery"}


@pytest.fixture(scope="module")
def secret(made):
    """A server that wants a token."""
    token = Path(made.folder, "token")
    token.write_text("correct-horse-battery\n")
    with ledger_of(made.folder), serving("income@1", token_file=token) as server:
        yield server


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Authorization": "Bearer"},
        {"Authorization": "Bearer correct-horse-batterx"},
        {"Authorization": "Basic correct-horse-battery"},
    ],
)
def test_without_the_token_only_health_is_told(secret, headers):
    for path in ("/invocations", "/metrics", "/docs", "/v2/models/income", "/nothing"):
        status, answered, _ = ask(secret, path, headers=headers)
        assert (status, answered["www-authenticate"]) == (401, "Bearer")
    assert ask(secret, "/health/ready", headers=headers)[0] == 200
    assert ask(secret, "/invocations", records(ROW), headers=BEARER)[0] == 200


def test_a_second_authorization_is_refused(secret):
    for first, second in (("correct-horse-battery", "x" * 21), ("x" * 21, "correct-horse-battery")):
        head = f"GET /metrics HTTP/1.1\r\nConnection: close\r\nAuthorization: Bearer {first}\r\n"
        found = raw(secret, f"{head}authorization: Bearer {second}\r\n\r\n".encode())
        assert found.startswith(b"HTTP/1.1 400")


def test_a_server_with_a_token_answers_by_any_name(secret):
    assert ask(secret, "/invocations", records(ROW), headers={**BEARER, "Host": "my.example"})[0] == 200


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "Expected a file with a token"),
        ("too short", "Expected a token of at least 16 printable characters in .*, got 9"),
        ("correct horse battery", "at least 16 printable characters"),
    ],
)
def test_a_file_without_a_token_is_told(tmp_path, content, said):
    if content is not None:
        (tmp_path / "token").write_text(content)
    with pytest.raises(ServerUnusable, match=said):
        dsml.serve("income", token_file=tmp_path / "token")
