"""What running a script as a job adds to running it, and what a job that is finished costs to resume; papermill beside.

    python benchmarks/run.py [--peer-python PYTHON] [--rounds N] [--work N]

The script has ten steps and 100 MB of frames that live through all of them. By default it takes some 5 seconds; with
``--work 8`` 2. What a job adds hardly depends on that, so its share does. Commands are timed as a whole, in a
terminal, as a user sees them. `--peer-python` names an interpreter that has papermill and ipykernel.
"""

import argparse
import os
import pty
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# Files beside this one are called as modules of Python are.
sys.path.pop(0)

# `WORK` is how often each step sorts a column.
STEPS = [
    (
        "import numpy as np\nimport pandas as pd\n\nrng = np.random.default_rng(0)\n"
        "df = pd.DataFrame({f'x{at}': rng.normal(size=1_250_000) for at in range(10)})"
    ),
    *(
        f"model_{at} = [float(np.sort(df['x{at}'].to_numpy() * {at + 1}).cumsum()[-1]) for _ in range(WORK)]"
        for at in range(8)
    ),
    "print(sum(sum(values) for name, values in list(globals().items()) if name.startswith('model_')))",
]
DSML = [sys.executable, "-m", "dsml_magics.command.cli"]


def in_terminal(words: list[str], folder: Path) -> float:
    """Run a command in a terminal of its own; return the seconds it takes."""
    started = time.perf_counter()
    process, terminal = pty.fork()
    if not process:
        os.chdir(folder)
        os.execv(words[0], words)
    while True:
        try:
            if not os.read(terminal, 1 << 16):
                break
        except OSError:
            break
    _, status = os.waitpid(process, 0)
    os.close(terminal)
    if status:
        raise SystemExit(f"{words} ended with {status}")
    return time.perf_counter() - started


def interleaved(commands: dict[str, list[str]], folder: Path, rounds: int) -> dict[str, list[float]]:
    times: dict[str, list[float]] = {name: [] for name in commands}
    for at in range(rounds + 1):
        for name, words in commands.items():
            took = in_terminal(words, folder)
            # The first of each warms up.
            if at:
                times[name].append(took)
    return times


def peer(python: str, steps: list[str], folder: Path) -> list[str]:
    """Write the same work as a notebook, and the command that runs it there."""
    import nbformat
    from nbformat import v4

    nbformat.write(v4.new_notebook(cells=[v4.new_code_cell(step) for step in steps]), folder / "job.ipynb")
    return [python, "-m", "papermill", "-k", "python3", "--no-progress-bar", "job.ipynb", "out.ipynb"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", help="interpreter that has papermill and ipykernel")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--work", type=int, default=32)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        steps = [step.replace("WORK", str(given.work)) for step in STEPS]
        parts = [f"# %% Step {at}\n{step}\n" for at, step in enumerate(steps)]
        (folder / "job.py").write_text("\n".join(parts))
        commands = {
            "plain": [sys.executable, "job.py"],
            "job": [*DSML, "run", "job.py"],
            "resumed": [*DSML, "run", "job.py", "--resume"],
            "import": [sys.executable, "-c", "import dsml_magics.run.starting, dsml_magics.command.parser"],
        }
        if given.peer_python:
            commands["papermill"] = peer(given.peer_python, steps, folder)
        # The ledger is made, and its sender has loaded MLflow, before the clock runs.
        subprocess.run(commands["job"], cwd=folder, check=True, capture_output=True)
        times = interleaved(commands, folder, given.rounds)
    plain = statistics.median(times["plain"])
    for name, values in times.items():
        middle = statistics.median(values)
        print(
            f"{name:>10}: {middle:6.2f} s ({min(values):.2f} to {max(values):.2f}), {middle / plain:.2f} x plain"
        )
    added = statistics.median([a - b for a, b in zip(times["job"], times["plain"], strict=True)])
    resumed = statistics.median([a - b for a, b in zip(times["resumed"], times["import"], strict=True)])
    print(f"a job adds {added:.2f} s = {100 * added / plain:.0f} % (goals: 1 s, 10 %)")
    print(f"a finished job is resumed in {resumed:.2f} s after import (goal: 1 s)")


if __name__ == "__main__":
    main()
