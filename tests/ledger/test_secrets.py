"""What must not reach the ledger."""

import pytest

from dsml_magics.ledger.secrets import is_secret, masked


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://me:pw@db/x", "postgresql://***@db/x"),
        ("see http://host:80/a and s3://k:v@b", "see http://host:80/a and s3://***@b"),
        ("a@b.c", "a@b.c"),
    ],
)
def test_credentials_in_urls_are_masked(text, expected):
    assert masked(text) == expected


@pytest.mark.parametrize("name", ["token", "API_KEY", "db_password", "secret1", "aws_access_key"])
def test_names_of_secrets_are_known(name):
    assert is_secret(name)


@pytest.mark.parametrize("name", ["tokens_per_row", "keyboard", "max_iter", "passenger"])
def test_other_names_are_left_alone(name):
    assert not is_secret(name)
