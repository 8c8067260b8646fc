"""Markdown is cut where Jupyter shows a heading."""

import pytest

from dsml_magics.pipeline.markdown import sections


def headings(text):
    return [(found.title, found.level) for found in sections(text) if found.level]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("# A", [("A", 1)]),
        ("### A ###", [("A", 3)]),
        ("# C#", [("C#", 1)]),
        ("#", [("", 1)]),
        ("####### seven", []),
        ("Income\n======", [("Income", 1)]),
        ("Income\n---", [("Income", 2)]),
        ("  Two\nlines\n   ===  ", [("Two lines", 1)]),
        ("**Bold**\n-", [("**Bold**", 2)]),
        ("text\n\n---", []),
        ("---", []),
        ("- item\n---", []),
        ("3. item\nmore\n---", []),
        ("> said\n---", []),
        ("***\n---", []),
        ("<b>x</b>\n---", []),
        ("| a | b |\n---", []),
        ("a | b\n--- | ---\n1 | 2", []),
        ("    code\n---", []),
        ("```\nA\n---\n# B\n```", []),
        ("```\nx\n```\nA\n---", [("A", 2)]),
        ("$$\na\n=\nb\n$$", []),
        ("\\begin{align}\na\n=\nb\n\\end{align}", []),
        ("# A\nB\n===\n## C", [("A", 1), ("B", 1), ("C", 2)]),
    ],
)
def test_headings(text, expected):
    assert headings(text) == expected


def test_the_text_above_an_underlined_heading_stays_where_it_was():
    assert [(each.title, each.text) for each in sections("# A\none\n\nB\n---\ntwo")] == [
        ("A", "one"),
        ("B", "two"),
    ]


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "text", ["# " + " " * 200_000 + "x", "# " + " #" * 200_000 + "x", "- a\n===\n" * 20_000]
)
def test_a_long_text_takes_no_longer_than_its_length(text):
    assert len([*sections(text)]) == 1
