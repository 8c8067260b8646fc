"""Jobs are followed until none runs any more."""

import io
import sys
import time

import pytest

import dsml_magics as dsml
from tests.run.conftest import shell, started

pytestmark = [pytest.mark.slow, pytest.mark.whole]


def test_following_ends_with_the_job(job):
    dsml.run("job.py")
    done = shell("jobs", "--follow", folder=job)
    assert "finished" in done.stdout


def test_what_a_job_does_is_told_while_it_runs(workdir, monkeypatch):
    (workdir / "job.py").write_text(
        "# %% First\nx = 1\n# %% Wait\nimport os, time\nwhile not os.path.exists('go'):\n    time.sleep(0.01)"
    )

    class Told(io.StringIO):
        """Lets the job go on as soon as it is told that it runs."""

        def write(self, text):
            if ": running" in text:
                (workdir / "go").touch()
            return super().write(text)

    with started("run", "job.py", folder=workdir) as process:
        try:
            until = time.monotonic() + 300
            while not any(each.state == "running" for each in dsml.jobs()):
                assert process.poll() is None and time.monotonic() < until
                time.sleep(0.05)
            monkeypatch.setattr(sys, "stdout", Told())
            (found,) = dsml.jobs(follow=True)
            said = sys.stdout.getvalue()
        finally:
            process.kill()
    assert found.state == "finished"
    assert f"job {found.id[:8]}: running\n" in said and said.endswith(("finished\n", " s\n"))
    assert f"job {found.id[:8]}: wait finished, " in said
