"""Where all that the tests need is installed, as in CI, a skipped test is a failed one."""

import os

import pytest

STRICT = "DSML_NO_SKIPS"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    report = yield
    if report.skipped and os.environ.get(STRICT):
        *_, reason = report.longrepr if isinstance(report.longrepr, tuple) else (report.longrepr,)
        report.outcome = "failed"
        report.longrepr = f"{item.nodeid} must not be skipped where {STRICT} is set: {reason}"
    return report
