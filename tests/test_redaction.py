"""What must not leave the process."""

import json
import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.redaction import (
    MASK,
    holds_secret,
    is_secret,
    redact,
    redact_each,
    redact_options,
    secret_values,
)

KEY = "hunter2-Zx9"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://me:pw@db/x", "postgresql://***@db/x"),
        ("postgresql://me:p@ssw0rd@db/x", "postgresql://***@db/x"),
        ("https://TOKEN@host/a", "https://***@host/a"),
        ("redis://:secret@h:6379/0", "redis://***@h:6379/0"),
        ("postgresql://me:p/w@db/x", "postgresql://***@db/x"),
        ("postgresql://me:p#w?@db/x", "postgresql://***@db/x"),
        ("postgresql://me:1@2/3@db/x", "postgresql://***@db/x"),
        ("postgresql+psycopg2://me:pw@[::1]:5432/x", "postgresql+psycopg2://***@[::1]:5432/x"),
        ("see http://host:80/a and s3://k:v@b", "see http://host:80/a and s3://***@b"),
        ("(https://u:p@h/x, ftp://u:p@h)", "(https://***@h/x, ftp://***@h)"),
        ("postgresql://me:pass[word@db/x", "postgresql://***@db/x"),
        (
            "https://a.blob.core.windows.net/c?se=1&sig=aB%2Fc&sp=r",
            "https://a.blob.core.windows.net/c?se=1&sig=***&sp=r",
        ),
        ("s3.x.com/b?X-Amz-Signature=0af&a=1", "s3.x.com/b?X-Amz-Signature=***&a=1"),
        ("https://hooks.slack.com/services/T0/B0/xyz", "https://hooks.slack.com/services/***"),
        ("jdbc:oracle:thin:scott/tiger@db:1521/x", "jdbc:oracle:thin:***@db:1521/x"),
        ("jdbc:oracle:thin:scott/t@g/r@//db:1521/x", "jdbc:oracle:thin:***@//db:1521/x"),
        ('jdbc:oracle:oci:scott/"ti/g@r"@db', "jdbc:oracle:oci:***@db"),
        ("jdbc:oracle:thin:OPS$ETL/hunter2@db", "jdbc:oracle:thin:***@db"),
        ("jdbc:oracle:thin:{user}/hunter2@db", "jdbc:oracle:thin:***@db"),
        ("jdbc:oracle:thin:sys%20x/hun<ter2@db", "jdbc:oracle:thin:***@db"),
    ],
)
def test_what_opens_a_url_is_hidden_wholly(text, expected):
    assert redact(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "a@b.c",
        "https://host:8080/@vite/client?x=1",
        "https://medium.com/@user/post",
        "f'http://{host}:{port}/x'",
        "postgresql://{user}:{password}@{host}/db",
        "http://[::1]:5000/a",
        "file:///tmp/a:b",
        "max_tokens = 5; tokens_per_row: 3",
        "tokenizer.pad_token = '[PAD]'",
        "the token is checked",
        "token = None",
        "def login(token: str = None) -> None:",
        "password = ${DB_PASSWORD}",
        "token=<your token>",
        'features = ["token", "age"]',
        "A secret! Nobody knows it.",
        "the bearer token, a bearer of bad news, Bearer authentication",
        "headers = {'Authorization': f'Bearer {token}'}",
        "kinds = ['Bearer token', 'Bearer auth']",
        "jdbc:oracle:thin:@db:1521/x,owner=me@x.org and jdbc:oracle:thin:{user}/{pw}@db",
        "pw_dist = 'cosine'; first_pass = 'mean'; low_pass: 0.5; encompass = 'x'",
    ],
)
def test_what_is_no_secret_is_left_alone(text):
    assert redact(text) == text


@pytest.mark.parametrize(
    "text",
    [
        f'token = "{KEY}"',
        f"db_password='{KEY}'",
        f'{{"clientSecret": "{KEY}", "a": 1}}',
        f"Authorization: Bearer {KEY}",
        f"headers = {{'Authorization': 'Basic {KEY}'}}",
        f"export GH_PAT={KEY}",
        f"password: {KEY}",
        f"PASSWORD={KEY}\nA=1",
        f"+aws_secret_access_key = {KEY}",
        f'os.environ["API_TOKEN"] = "{KEY}"',
        f'os.environ.setdefault("API_TOKEN", "{KEY}")',
        f'api_key: str = "{KEY}"',
        f'if token == "{KEY}":',
        f'def f(a, *, token="{KEY}"): pass',
        f'token = (\n    "{KEY}"\n    "{KEY}"\n)',
        f'password = """{KEY}\n{KEY}"""',
        f"password = b'{KEY}'",
        f"https://host/x?api_key={KEY}&b=2",
        f"mlflow run --api-token {KEY} -n 3",
        f"curl -u me:{KEY} https://h",
        json.dumps({"source": [f'token = "{KEY}"\n']}),
        json.dumps(json.dumps({"token": KEY})),
        f"password = '{KEY}",
        f"self.db_password = '{KEY}'",
        f"got bearer {KEY}",
        f"my_pw = '{KEY}'",
        f"pw='{KEY}'",
        f"db_pass: {KEY}",
        f"jdbc:sqlserver://db;user=me;password={KEY}",
        f"-----BEGIN RSA PRIVATE KEY-----\n{KEY}\n-----END RSA PRIVATE KEY-----",
        f"-----BEGIN PRIVATE KEY-----\n{KEY}",
    ],
)
def test_what_a_secret_is_given_is_hidden(text):
    assert KEY not in redact(text)
    assert MASK in redact(text)


@pytest.mark.parametrize(
    "text",
    [
        "Authorization: Bearer q",
        "-H 'Authorization: Bearer qx'",
        "{'a': 'Bearer qx'}",
        '\\"Bearer qxqx\\"',
        "sent bearer qxyzQxyz",
        "sent bearer qxyzqxyzqxyzqxyzqxyzqxyz",
    ],
)
def test_tokens_of_bearers_are_hidden_however_short(text):
    assert "q" not in redact(text)


@pytest.mark.parametrize(
    "key",
    [
        "AKIAIOSFODNN7" + "EXAMPLE",
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "a1_B2" * 6,
        "glpat-" + "a1B2c3D4e5F6g7H8",
        "xoxb-" + "1234567890-abcdef",
        "AIza" + "a1B2c3D" * 5,
        "sk-" + "proj-a1B2c3D4e5F6g7H8i9",
        "hf_" + "a1B2c3D4e5F6g7H8i9J0",
        "dapi" + "0123456789abcdef" * 2,
        "eyJhbGciOiJI" + ".eyJzdWIiOiIx" + ".c2lnbmF0dXJl",
    ],
)
def test_keys_are_known_by_their_shape(key):
    assert redact(f"x.connect({key!r}, 3)") == "x.connect('***', 3)"


def test_python_that_stands_without_quotes_is_no_secret():
    source = "token = read_token()\nclient = connect(token=token, password=settings.pw)\n"
    assert redact(source, code=True) == source


def test_json_stays_json():
    text = json.dumps({"token": 123456, "password": "pw123", "rows": 3}, indent=1)
    assert json.loads(redact(text)) == {"token": MASK, "password": MASK, "rows": 3}


PLAIN_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=12),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["token", "password", "a", "b c"]) | st.text(max_size=5), inner, max_size=4
        )
    ),
    max_leaves=12,
)


@given(PLAIN_JSON, st.sampled_from([None, 1]), st.booleans())
def test_any_json_stays_json(content, indent, ascii_only):
    text = json.dumps({"secret": content, "x": content}, indent=indent, ensure_ascii=ascii_only)
    assert json.loads(redact(text)) is not None


def test_what_is_hidden_once_stays_as_it_is():
    once = redact(f"token = '{KEY}' postgresql://u:p@h/x password: {KEY}")
    assert redact(once) == once
    assert not holds_secret(once)


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


PLAIN = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="'\"`<>\\"), min_size=1, max_size=30
)


@given(user=PLAIN, password=PLAIN, before=st.sampled_from(["", "at ", "'", "(", "x="]))
def test_no_user_or_password_of_a_url_is_left(user, password, before):
    user, password = "u7" + re.sub("[:/?#]", "", user) + "7u", "p7" + password + "7p"
    hidden = redact(f"{before}postgresql://{quote(user, safe='')}:{quote(password, safe='')}@db:5432/x?a=b")
    assert hidden == f"{before}postgresql://{MASK}@db:5432/x?a=b"
    # As people write it, unquoted: whatever the password holds, nothing of its end is shown.
    assert "7p" not in redact(f"postgresql://{user}:{password}@db:5432/x")


@given(
    name=st.sampled_from(["token", "API_KEY", "db_password", "clientSecret"]),
    sign=st.sampled_from(["=", " = ", ": ", ":", " := ", "=>"]),
    quotes=st.sampled_from(["'", '"', '"""']),
    value=PLAIN,
    around=st.tuples(*[st.text(max_size=20).filter(lambda text: "7v" not in text)] * 2),
)
def test_no_quoted_value_of_a_secret_is_left(name, sign, quotes, value, around):
    value = f"v7{value}7v"
    assert "7v" not in redact(f"{around[0]}\n{name}{sign}{quotes}{value}{quotes}\n{around[1]}")


@given(st.text())
def test_any_text_is_redacted_once(text):
    once = redact(text)
    assert redact(once) == once


@pytest.mark.parametrize(
    "piece",
    [
        "a",
        "-",
        "a.",
        "token",
        "token='",
        "token: ",
        "http://",
        "a://b:c",
        "eyJ",
        " ",
        "\\",
        "'",
        ":",
        "sk-",
        "BEGIN ",
        "bearer ",
        "'Bearer a",
        "jdbc:oracle:thin:",
        "-----BEGIN PRIVATE KEY-----",
    ],
)
def test_a_very_long_line_takes_no_longer_for_each_character(piece):
    # Quadratic time would take hours.
    assert redact(piece * (300_000 // len(piece))) is not None


@given(PLAIN)
def test_urls_are_read_as_the_library_reads_them(host):
    text = f"https://{host}"
    try:
        parts = urlsplit(text)
    except ValueError:
        return
    if parts.username:
        assert f"{parts.username}@" not in redact(text) or parts.username == MASK


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


def test_a_password_may_hold_what_parts_a_url():
    assert redact("https://me:a://b@h/x://y") == f"https://{MASK}@h/x://y"
    assert redact("https://[::1]:80/a:b") == "https://[::1]:80/a:b"
    assert redact("https://[me:pw@h/x?a#b") == f"https://{MASK}@h/x?a#b"


def test_a_default_is_hidden_also_at_the_very_beginning():
    assert redact("getenv('token', 'abcd')") == f"getenv('token', '{MASK}')"


def test_json_without_quotes_gets_quotes_and_other_text_none():
    assert redact('{"token": 123456}') == f'{{"token": "{MASK}"}}'
    assert redact("token: 123456") == f"token: {MASK}"
    assert redact('"token"=123456') == f'"token"={MASK}'


@pytest.mark.parametrize("text", ["token = 'None'", 'token = "NULL"', "token: 'true'"])
def test_a_word_for_nothing_is_no_secret_in_whatever_case(text):
    assert redact(text) == text


def test_underscores_around_a_name_do_not_matter():
    assert not is_secret("_pad_token_") and is_secret("_token_")
