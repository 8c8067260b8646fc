"""A skip fails where everything must be there."""

from pathlib import Path

import no_skips
import pytest

pytest_plugins = "pytester"
CASES = """
import pytest
def test_passes(): pass
def test_in_the_test(): pytest.skip("no Java")
@pytest.mark.skipif(True, reason="no systemd")
def test_marked(): pass
@pytest.fixture
def tables(): pytest.skip("no tables")
def test_in_a_fixture(tables): pass
"""


@pytest.mark.parametrize(
    ("strict", "expected"),
    [("1", {"passed": 1, "failed": 1, "errors": 2}), ("", {"passed": 1, "skipped": 3})],
)
def test_skips_are_counted(pytester, monkeypatch, strict, expected):
    monkeypatch.setenv(no_skips.STRICT, strict)
    pytester.makeconftest(Path(no_skips.__file__).read_text())
    pytester.makepyfile(CASES)
    result = pytester.runpytest_inprocess("-p", "no:cacheprovider")
    result.assert_outcomes(**expected)
    if strict:
        assert "must not be skipped where DSML_NO_SKIPS is set: Skipped: no Java" in result.stdout.str()
