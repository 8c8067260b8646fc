"""Which names are those of secrets, which values are known to be, and options of a command line."""

import pytest

from dsml_magics.redaction import (
    MASK,
    is_secret,
    redact,
    redact_each,
    redact_options,
    secret_values,
)

KEY = "hunter2-Zx9"


def test_known_values_are_hidden_wherever_they_stand():
    known = secret_values(
        {"api_key": KEY, "DATABASE_URL": "postgresql://me:p%40ssw0rd@db/x", "token": 5, "name": "income"}
    )
    assert known == {KEY, "p%40ssw0rd", "p@ssw0rd"}
    assert (
        redact(f"ValueError: bad key {KEY}, p@ssw0rd; income", known)
        == "ValueError: bad key ***, ***; income"
    )


def test_the_folder_of_a_shell_is_no_password():
    assert secret_values({"PWD": "/home/me/project", "OLDPWD": "/home/me", "DB_PWD": "hunter2"}) == {
        "hunter2"
    }


def test_values_too_short_to_be_told_from_words_are_left_alone():
    assert secret_values({"password": "abc"}) == frozenset()


@pytest.mark.parametrize(
    "name",
    [
        "token",
        "API_KEY",
        "db_password",
        "secret1",
        "aws_access_key",
        "clientSecret",
        "x-api-key",
        "GH_PAT",
        "PGPASSWORD",
    ],
)
def test_names_of_secrets_are_known(name):
    assert is_secret(name)


@pytest.mark.parametrize(
    "name",
    [
        "tokens_per_row",
        "keyboard",
        "max_iter",
        "passenger",
        "eos_token",
        "token_count",
        "password_file",
        "pattern",
    ],
)
def test_other_names_are_left_alone(name):
    assert not is_secret(name)


def test_options_of_a_command_line():
    words = ["--token=abc", "--api-key", "def", "--token-file", "t.txt", "postgresql://u:p@h/x"]
    shown = ["--token=***", "--api-key", "***", "--token-file", "t.txt", "postgresql://***@h/x"]
    assert redact_options(words) == shown


def test_of_known_values_the_longer_is_hidden_first():
    assert redact("hunter22", ["hunter2", "hunter22"]) == redact("hunter22", ["hunter22", "hunter2"]) == MASK
    assert redact("ahunter2", ["hunter2", "ahunter2"]) == MASK


def test_what_is_named_is_hidden_by_name_by_shape_and_by_value():
    given = {"api_key": "abc", "url": "https://u:p@h", "text": "so hunter22 it is", "depth": "3"}
    hidden = redact_each(given, ["hunter22"])
    assert hidden == {"api_key": MASK, "url": "https://***@h", "text": f"so {MASK} it is", "depth": "3"}
    assert redact_each({"text": "so hunter22 it is"}) == {"text": "so hunter22 it is"}


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--token=abc", "--lr=0.1"], [f"--token={MASK}", "--lr=0.1"]),
        (["--api-key", "def", "--n", "3"], ["--api-key", MASK, "--n", "3"]),
        (["token=abc"], [f"token={MASK}"]),
        (["--token=x=y"], [f"--token={MASK}"]),
        (["--token=true"], [f"--token={MASK}"]),
    ],
)
def test_options_are_hidden_with_or_without_a_sign(words, expected):
    assert redact_options(words) == expected


def test_every_variable_is_looked_at_and_six_characters_are_enough():
    found = secret_values(
        {"number": 3, "short": "ab", "token": "abcdef", "url": "redis://:abc:d%20e@h", "_key": "x"}
    )
    assert found == {"abcdef", "abc:d%20e", "abc:d e"}


def test_underscores_around_a_name_do_not_matter():
    assert not is_secret("_pad_token_") and is_secret("_token_")
