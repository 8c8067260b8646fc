"""What a deploy says while it is made."""

import fcntl
import io
import os
import pty
import struct
import subprocess
import sys
import termios

from dsml_magics.deploy.progress import step_progress

SCRIPT = """
import sys
import dsml_magics as dsml
from dsml_magics.deploy.progress import step_progress
with step_progress("Deploying income", steps=2, delay=float(sys.argv[1])) as step:
    step("predicting")
    step("registering")
"""


def test_a_slow_deploy_writes_a_line_a_step_in_a_log():
    done = subprocess.run([sys.executable, "-c", SCRIPT, "0"], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines() == [
        "dsml: Deploying income: predicting",
        "dsml: Deploying income: registering",
    ]
    assert done.stdout == ""


def test_a_quick_deploy_says_nothing_in_a_log(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stderr", stream)
    with step_progress("Deploying income", steps=1, delay=3600) as step:
        step("predicting")
    assert stream.getvalue() == ""


def test_a_terminal_shows_a_bar_that_names_each_step():
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 100, 0, 0))
    process = subprocess.Popen([sys.executable, "-c", SCRIPT, "3600"], stdout=theirs, stderr=theirs)
    os.close(theirs)
    shown = ""
    while True:
        try:
            shown += os.read(ours, 10_000).decode()
        except OSError:
            break  # all is read, and the process has closed its end
    os.close(ours)
    assert process.wait() == 0
    assert "Deploying income: predicting" in shown
    assert "Deploying income: registering" in shown
