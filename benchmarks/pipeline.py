"""What conversion, analysis and proof cost, and what a script adds to the bare code, papermill beside it.

    python benchmarks/pipeline.py [--peer-python PYTHON] [--rounds N]

`--peer-python` names an interpreter that has papermill, jupytext and nbconvert; without, those rows are left out.
"""

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

# Files beside this one are called as modules of Python are.
sys.path.pop(0)

CELLS = [
    "import math\nimport random",
    "rows = [{'k': n % 7, 'v': n / 3} for n in range(1000)]\nrows[:3]",
    "%%time\ntotal = sum(row['v'] for row in rows)\ntotal",
    "!echo {total}",
    "x = list(range(10))\nfor i in range(3):\n    x = [value + i for value in x]  # shifted\nprint(x)",
    "def f(a, b=1):\n    '''Scale.'''\n    return a + b * len(x)",
    "from IPython.display import display\ndisplay(total)",
    "y = f(3)\nz = {k: v for k, v in zip('abc', [1, 2, 3])}\nz",
    "%env PART=1",
    "rows = [row for row in rows if row['v'] > 3]\nmax(rows, key=lambda row: row['k'])",
]
WORK = [
    "import time",
    "def primes(n):\n    return [p for p in range(2, n) if all(p % q for q in range(2, int(p**0.5) + 1))]",
    "%%time\nfound = primes(900_000)",
    "import hashlib\ndigest = hashlib.sha256()\nfor p in found * 20:\n    digest.update(str(p).encode())",
    "text = digest.hexdigest()\ntext",
    "%time counted = sum(len(str(p)) for p in found * 30)",
]


def notebook(sources: list[str]):  # noqa: ANN201
    from nbformat import v4

    cells = [v4.new_code_cell(source) for source in sources]
    for at in range(0, len(cells), 10):
        cells.insert(at + at // 10, v4.new_markdown_cell(f"## Part {at // 10}"))
    return v4.new_notebook(cells=cells)


def many(count: int):  # noqa: ANN201
    """A notebook of so many code cells, no two of the same names."""
    return notebook([CELLS[at % 10].replace("rows", f"rows{at // 50}") for at in range(count)])


def median(call: Callable[[], object], rounds: int) -> float:
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        call()
        times.append(time.perf_counter() - started)
    return statistics.median(times)


def conversion(rounds: int) -> None:
    from dsml_magics.pipeline.reading import pipeline_of

    pipeline_of(many(20), "warm").graph  # noqa: B018
    for count in (100, 1000, 5000):
        node = many(count)
        made = pipeline_of(node, "many")
        script = median(lambda node=node: pipeline_of(node, "many").to_script(), rounds)
        graph = median(lambda made=made: made.graph, rounds)
        print(
            f"{count:>5} cells: converted in {script * 1e3:7.0f} ms, analysed in {graph * 1e3:7.0f} ms "
            f"({script / count * 1e3:.2f} + {graph / count * 1e3:.2f} ms a cell)"
        )


def process(words: list[str], folder: Path, rounds: int) -> float:
    def run() -> None:
        subprocess.run(words, cwd=folder, check=True, capture_output=True)

    return median(run, rounds)


def runs(work: Path, peer: str | None, rounds: int) -> None:
    import nbformat

    import dsml_magics as dsml

    path = work / "work.ipynb"
    nbformat.write(notebook(WORK), path)
    dsml.pipeline(path, to=work / "work.py")
    plain = [source.replace("%%time\n", "").replace("%time ", "") for source in WORK]
    (work / "bare.py").write_text("\n\n".join(plain) + "\n")
    bare = process([sys.executable, "bare.py"], work, rounds)
    ours = process([sys.executable, "work.py"], work, rounds)
    print(f"bare code {bare:.2f} s; our script {ours:.2f} s = {ours / bare:.2f} x (goal 1.05)")
    if peer:
        other = process(
            [peer, "-m", "papermill", "-k", "python3", "--no-progress-bar", "work.ipynb", "out.ipynb"],
            work,
            rounds,
        )
        print(f"papermill {other:.2f} s = {other / bare:.2f} x, {other - bare:.1f} s more a run")
    started = time.perf_counter()
    proof = dsml.verify(path)
    print(f"proof {time.perf_counter() - started:.1f} s: {proof}")


def beside(work: Path, peer: str, rounds: int) -> None:
    """Convert 100 cells as a command: start, imports and all."""
    import nbformat

    nbformat.write(many(100), work / "many.ipynb")
    ours = process(
        [sys.executable, "-m", "dsml_magics.command.cli", "pipeline", "many.ipynb", "--to", "a.py"],
        work,
        rounds,
    )
    for name, words in {
        "jupytext": ["-m", "jupytext", "--to", "py:percent", "many.ipynb"],
        "nbconvert --to script": ["-m", "nbconvert", "--to", "script", "many.ipynb"],
    }.items():
        other = process([peer, *words], work, rounds)
        print(f"100 cells as a command: ours {ours:.2f} s, {name} {other:.2f} s, ratio {ours / other:.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peer-python", help="interpreter that has papermill, jupytext and nbconvert")
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    conversion(given.rounds)
    with tempfile.TemporaryDirectory() as folder:
        runs(Path(folder), given.peer_python, given.rounds)
        if given.peer_python:
            beside(Path(folder), given.peer_python, given.rounds)


if __name__ == "__main__":
    main()
