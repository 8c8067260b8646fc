"""Whatever the text: no secret is left, JSON stays JSON, and it takes no longer for each character."""

import json
import re
from urllib.parse import quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.redaction import (
    MASK,
    redact,
)

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
