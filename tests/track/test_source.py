"""What a block of code says of itself."""

import pytest

from dsml_magics.track.source import Source, without_secrets


@pytest.mark.parametrize(
    "text",
    [
        "api_key = 'hunter2'",
        'connect("db", password="hunter2")',
        "os.environ['API_TOKEN'] = 'hunter2'",
        "client.secret = 'hunter2'",
        "options = {'token': 'hunter2', 'url': 'x'}",
        "def ask(password='hunter2'): pass",
        "def ask(one, *, password='hunter2'): pass",
        "ask = lambda token='hunter2': token",
        "password: str = 'hunter2'",
        "url = 'postgresql://me:hunter2@db/x'",
        "%matplotlib inline\napi_key = 'hunter2'",
    ],
)
def test_no_secret_is_kept(text):
    import IPython  # noqa: F401  its syntax is understood where it is loaded

    assert "hunter2" not in without_secrets(Source(text))
    assert "***" in without_secrets(Source(text))


@pytest.mark.parametrize(
    "text", ["tokens = 'abc'", "x = ''\npassword = ''", "password = ask()", "f(**options)"]
)
def test_other_code_is_kept_as_it_is(text):
    assert without_secrets(Source(text)) == text
