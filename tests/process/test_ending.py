"""A process that ends at once leaves nothing undone."""

import subprocess
import sys

CODE = """
import atexit, sys, tempfile, threading, time
from dsml_magics.process.ending import leave
folder = tempfile.TemporaryDirectory()
print(folder.name)
atexit.register(print, "exit")
begun = threading.Event()

def work():
    begun.wait()
    print("thread")

threading.Thread(target=work).start()
sys.stderr.write("error")
begun.set()
leave(3)
"""


def test_threads_functions_of_the_exit_and_what_is_buffered(tmp_path):
    # Into files, so that what is printed is buffered.
    with (tmp_path / "out").open("wb") as out, (tmp_path / "err").open("wb") as err:
        done = subprocess.run(
            [sys.executable, "-c", CODE], stdout=out, stderr=err, check=False, env={"TMPDIR": str(tmp_path)}
        )
    folder, *lines = (tmp_path / "out").read_text().split()
    assert done.returncode == 3
    assert lines == ["thread", "exit"]
    assert (tmp_path / "err").read_text() == "error"
    assert folder.startswith(str(tmp_path)) and not (tmp_path / folder).exists()
