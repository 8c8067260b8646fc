"""What the source of a block says."""

import pytest

from dsml_magics.track.source import Source, without_secrets


@pytest.mark.parametrize(
    ("text", "constants"),
    [
        ("lr = 0.1", {"lr": 0.1}),
        ("n: int = -3", {"n": -3}),
        ("a, b = 1, 'x'", {"a": 1, "b": "x"}),
        ("layers = [64, 32]", {"layers": [64, 32]}),
        ("with open('x') as f:\n    depth = 2", {"depth": 2}),
        ("best = 0\nbest = max(scores)", {}),
        ("total = 0\nfor x in xs:\n    total += x", {}),
        ("x = 1\nx = 2", {}),
        ("def f():\n    inner = 1", {}),
        ("y = g()", {}),
    ],
)
def test_constants_are_names_that_only_ever_get_one_literal(text, constants):
    assert Source(text).constants == constants


def test_names_inside_functions_are_not_bound():
    source = Source("import numpy as np\ndef f():\n    local = 1\nfor i in range(3):\n    (j := i)\n")
    assert source.bound == ["np", "f", "i", "j"]


def test_tables_that_the_code_reads_from_files_are_known():
    assert Source("a = pd.read_csv('x').dropna()\nb = a.copy()\nc = load_iris(as_frame=True)").loaded == [
        "a",
        "c",
    ]


def test_ipython_syntax_is_understood_where_ipython_runs():
    pytest.importorskip("IPython")
    assert Source("%time x = 1\nfiles = !ls\nn = 3").constants["n"] == 3


def test_code_that_does_not_parse_says_nothing():
    assert Source("def (").bound == []


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
