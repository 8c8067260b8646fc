"""Secrets in all that a run leaves, in folders with odd names: what is in the ledger, on disk and in a job's state."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

Outcome = tuple[str, bool, str]
SECRET = "hunter2-Zx9"
FOLDERS = ("plain", "c#p", "a b", "e?f", "50%", "한글")
SCRIPT = f"""
import os
import dsml_magics as dsml

url = "postgresql://me:{SECRET}@db/x"
with dsml.track("attack"):
    api_key = "{SECRET}"
    rate = 0.5
    print("sent", api_key, url, "Authorization: Bearer {SECRET}")
try:
    with dsml.track("fails"):
        password = "{SECRET}"
        raise ValueError("refused " + password)
except ValueError:
    pass
"""
JOB = """# %% Login
import os
os.environ["MY_TOKEN"] = "-".join(["hunter2", "Zx9"])
print("logged in with", os.environ["MY_TOKEN"])
# %% Work
x = 1
"""


def attack() -> Iterator[Outcome]:
    """Track, run and look for the secret in every file that is left."""
    for name in FOLDERS:
        with tempfile.TemporaryDirectory(prefix="dsml-attack-") as outer:
            folder = Path(outer, name)
            trouble = use(folder)
            held, seen = (False, trouble) if trouble else leaks(folder)
            yield f"a run in the folder {name!r}", held, seen


def write_scripts(folder: Path) -> None:
    folder.mkdir()
    for name, source in (("track.py", SCRIPT), ("job.py", JOB)):
        (folder / name).write_text(source)


def use(folder: Path) -> str:
    """Track and run in a new folder; say what failed."""
    write_scripts(folder)
    env = {**os.environ, "DSML_HOME": str(folder / "home"), "OMP_NUM_THREADS": "1"}
    env.pop("MLFLOW_TRACKING_URI", None)
    dsml = [sys.executable, "-m", "dsml_magics.command.cli"]
    for words in ([sys.executable, "track.py"], [*dsml, "run", "job.py"], [*dsml, "sync"]):
        done = subprocess.run(words, cwd=folder, env=env, capture_output=True, check=False, text=True)
        if done.returncode:
            return f"{words[-1]}: {done.stderr.strip().splitlines()[-1:]}"
    return ""


def leaks(folder: Path) -> tuple[bool, str]:
    """Look for the secret in every file, also those beside the folder: the only ledger is in it."""
    files = [
        path
        for path in folder.parent.rglob("*")
        if path.is_file() and path.name not in ("track.py", "job.py")
    ]
    leaking = [path.name for path in files if SECRET.encode() in path.read_bytes()]
    ledgers = [path for path in files if path.name == "mlflow.db"]
    held = not leaking and ledgers == [folder / "mlflow.db"]
    return held, f"{len(files)} files, secret in {leaking or 'none'}, {len(ledgers)} ledger"
