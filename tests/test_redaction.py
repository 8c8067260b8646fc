"""What must not leave the process."""

import json

import pytest

from dsml_magics.redaction import (
    MASK,
    holds_secret,
    redact,
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


def test_what_is_hidden_once_stays_as_it_is():
    once = redact(f"token = '{KEY}' postgresql://u:p@h/x password: {KEY}")
    assert redact(once) == once
    assert not holds_secret(once)


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
