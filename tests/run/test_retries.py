"""A step that fails is tried again, so often and no more."""

import pytest

import dsml_magics as dsml
from dsml_magics.errors import StepFailed, UsageError
from tests.run.conftest import fates


def test_a_step_that_fails_is_tried_again_from_what_was_there(job):
    (job / "flaky.py").write_text(
        "# %% List\nitems = []\n# %% Flaky\nimport os\nitems.append(1)\n"
        "open('tries.txt', 'a').write('x')\nassert os.path.getsize('tries.txt') == 3, 'not yet'\n"
        "# %% End\nopen('out.txt', 'w').write(repr(items))"
    )
    with pytest.raises(StepFailed, match="not yet"):
        dsml.run("flaky.py", retries=1)
    assert fates(dsml.run("flaky.py", retries=1, resume=True))["list"] == "kept"
    # What a failed try appended in memory is gone with its process.
    assert (job / "out.txt").read_text() == "[1]"


def test_fewer_than_no_retries_are_told(job):
    with pytest.raises(UsageError, match="--retries of 0 or more"):
        dsml.run("job.py", retries=-1)
