"""What a resumed job runs again after an edit, beside what a perfect dataflow would; what a job costs on such notebooks.

    python benchmarks/resume.py [NOTEBOOK ...] [--check] [--cost] [--rounds N] [--verbose]

The notebooks of `resuming/` are of the kind that courses and examples have. A line that ends in
``#: OLD -> NEW | STEPS`` is an edit, with the steps whose code or input it changes: those that must run again. Each
edit is made alone, after a complete run. ``--check`` also runs the edited notebook by Python alone and compares all
variables that are kept, and all files, but for what differs without an edit as well, which it lists. ``--cost`` times
complete runs instead, plain and as a job, of notebooks whose models are as large, and searches as wide, as courses have them.
"""

import argparse
import io
import os
import pickle
import re
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).parent
# Files beside this one are called as modules of Python are.
sys.path.pop(0)

_EDIT = re.compile(r"^(?P<line>.*?)  #: (?P<old>.*) -> (?P<new>.*) \| (?P<steps>.*)$", re.MULTILINE)
_LIMIT = 1.1
_LONGER = {
    "bikes": {"max_iter=60": "max_iter=2000", "n_estimators=40": "n_estimators=200"},
    "census": {"cv=2,": "cv=5,", "(0.1, 1)": "(0.01, 0.1, 1)", "(3, 10)": "(3, 10, 30)"},
    "digits": {"n_init=2": "n_init=200", "n_splits=3": "n_splits=100", "n_estimators=60": "n_estimators=500"},
    "training": {"resolution=60": "resolution=300", "n_epochs = 300": "n_epochs = 500"},
}
"""What makes the work of a notebook as long as it is in courses, for ``--cost``; ``--check`` needs no long work."""
_TIMES = 8
"""And so many times the rows: about as many as the real tables of people and rides have."""
_RESTORED = """
def restore():
    # In a function: the notebook's names are the module's.
    import sys
    from importlib import import_module
    from pathlib import Path

    from dsml_magics.pipeline.proof.witness import write
    from dsml_magics.pipeline.sections import read_script
    from dsml_magics.run.keeping import Keeper
    from dsml_magics.run.record import is_setting
    from dsml_magics.run.shelf import Shelf
    from dsml_magics.run.state import State

    shelf = Shelf.open(read_script(Path("job.py")), None)
    records = shelf.records()
    state = State.after(records[each.name] for each in shelf.script.sections if each.name in records)
    held = sys.modules["__main__"].__dict__
    held.update(pd=None)
    keeper = Keeper(shelf.store, held, dict)
    for module in state.imported:
        import_module(module)
    keeper.load_modules(state.modules)
    groups = dict.fromkeys(state.groups.values())
    keeper.load([group for group in groups if not any(map(is_setting, group.names))])
    kept = {name: held[name] for name in {**state.groups, **state.modules} if not is_setting(name)}
    write(sys.argv[1], str(Path.cwd()), kept)


restore()
"""


@dataclass(frozen=True)
class Edit:
    """A line that is changed, and the steps that must run again."""

    line: str
    old: str
    new: str
    steps: frozenset[str]

    def __str__(self) -> str:
        return f"{self.old} -> {self.new}"


def edits_of(text: str) -> list[Edit]:
    return [
        Edit(found["line"], found["old"], found["new"], frozenset(found["steps"].split()))
        for found in _EDIT.finditer(text)
    ]


def script_of(text: str, edit: Edit | None = None) -> str:
    """Convert a notebook, with an edit in it, to the script a job runs."""
    from nbformat import v4

    from dsml_magics.pipeline.reading import pipeline_of

    text = _EDIT.sub(lambda found: found["line"], text)
    if edit is not None:
        changed = edit.line.replace(edit.old, edit.new)
        if changed == edit.line or edit.line not in text:
            raise SystemExit(f"Expected a line to edit, got {edit.line!r}.")
        text = text.replace(edit.line, changed)
    cells = []
    for cell in re.split(r"^# %%", text, flags=re.MULTILINE)[1:]:
        title, _, source = cell.partition("\n")
        cells += [v4.new_markdown_cell(f"## {title.strip()}")] if title.strip() else []
        cells.append(v4.new_code_cell(source.strip()))
    return pipeline_of(v4.new_notebook(cells=cells), "job").to_script()


def write_data(folder: Path, times: int = 1) -> None:
    """Write the files the notebooks read: seeded tables, one of people, one of rides."""
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    count, hours_of_rides = 6000 * times, 4000 * times
    age, hours = rng.integers(17, 80, count), rng.integers(10, 70, count)
    education = rng.choice(["HS-grad", "Some-college", "Bachelors", "Masters"], count)
    chance = 1 / (1 + np.exp(4 - age / 30 - hours / 40 - (education == "Masters")))
    frame = {
        "age": age,
        "workclass": rng.choice(["Private", "Gov", "Self"], count),
        "education": education,
        "education_num": rng.integers(1, 16, count),
        "occupation": rng.choice(["Sales", "Craft", "Tech", "Service"], count),
        "capital_gain": rng.exponential(100, count).round(),
        "hours_per_week": hours,
        "class": np.where(rng.random(count) < chance, ">50K", "<=50K"),
    }
    pd.DataFrame(frame).to_csv(folder / "adult.csv", index=False)
    when = pd.date_range("2025-01-01", periods=hours_of_rides, freq="h")
    rides = {
        "when": when,
        "temperature": np.where(
            rng.random(hours_of_rides) < 0.05, np.nan, 10 + 8 * np.sin(np.arange(hours_of_rides) / 400)
        ),
        "wind": np.where(rng.random(hours_of_rides) < 0.05, np.nan, rng.gamma(2, 2, hours_of_rides)),
        "count": rng.poisson(50 + 40 * np.sin(when.hour / 24 * 6.28) ** 2),
    }
    pd.DataFrame(rides).to_csv(folder / "bikes.csv", index=False)


def environment() -> dict[str, str]:
    return {**os.environ, "MPLBACKEND": "Agg", "PYTHONHASHSEED": "0", "PYTHONPATH": str(HERE.parent)}


def call(folder: Path, *words: object) -> str:
    """Run Python in a folder; return what it prints."""
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        cwd=folder,
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise SystemExit(
            f"{words[:4]} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-4000:]}"
        )
    return done.stdout


def job(folder: Path, **options: bool) -> dict[str, tuple[str, str]]:
    """Run the job, in a process of its own as always; return what became of each step, and why."""
    import dsml_magics as dsml

    os.chdir(folder)
    with redirect_stdout(io.StringIO()), redirect_stderr(io.StringIO()):
        found = dsml.run("job.py", **options)
    return {step.name: (step.fate, step.why) for step in found.steps}


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".dsml" not in path.parts and path.suffix in (".csv", ".png")
    }


def differences(folder: Path, plain: Path) -> dict[str, str]:
    """Compare what a resumed job left with what Python alone leaves: variables, then files."""
    from dsml_magics.pipeline.proof.bootstrap import COMMAND
    from dsml_magics.pipeline.proof.comparing import differences_of

    call(folder, "-c", _RESTORED, plain.parent / "restored.pickle")
    call(plain, "-c", COMMAND, plain.parent / "plain.pickle", plain, "", "job.py")
    ours, theirs = (
        pickle.loads((plain.parent / f"{name}.pickle").read_bytes())["names"]
        for name in ("restored", "plain")
    )
    there = {name: theirs.get(name, ("leaf", "", "missing")) for name in ours}
    found = {each.path: str(each) for each in differences_of(ours, there)}
    first, second = files_of(folder), files_of(plain)
    return found | {
        f"file {name}": "differs" for name in {*first, *second} if first.get(name) != second.get(name)
    }


def _of_list(path: str) -> str:
    """Name the list that an element is of."""
    return re.sub(r"\[\d+\]$", "", path)


def check(folder: Path, plain: Path) -> dict[str, str]:
    """Run the script of a job by Python alone, and compare."""
    plain.mkdir()
    write_data(plain)
    shutil.copy(folder / "job.py", plain)
    try:
        return differences(folder, plain)
    finally:
        shutil.rmtree(plain)


def edited(
    name: str, *, checks: bool, is_verbose: bool
) -> Iterator[tuple[Edit, set[str], set[str], list[str]]]:
    """Make each edit of a notebook alone; yield it, what ran, what the plan foresaw, and what differs."""
    text = (HERE / "resuming" / f"{name}.txt").read_text()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as place:
        base = Path(place, "base")
        base.mkdir()
        os.environ.update(environment(), MLFLOW_TRACKING_URI=f"sqlite:///{place}/ledger.db")
        write_data(base)
        (base / "job.py").write_text(script_of(text))
        job(base)
        if again := {step: why for step, (fate, why) in job(base, resume=True).items() if fate != "kept"}:
            print(f"{name}: without an edit, these ran: {again}")
        # Draws nobody seeded, times, and what pickle does not keep of an object differ without any edit.
        always = {_of_list(path) for path in check(base, Path(place, "plain"))} if checks else set()
        if always:
            print(f"  not compared, as it differs without an edit: {', '.join(sorted(always))}")
        for edit in edits_of(text):
            folder = Path(place, "edited")
            shutil.copytree(base, folder)
            (folder / "job.py").write_text(script_of(text, edit))
            planned = {
                step for step, (fate, _) in job(folder, resume=True, dry_run=True).items() if fate != "kept"
            }
            found = job(folder, resume=True)
            ran = {step for step, (fate, _) in found.items() if fate != "kept"}
            if is_verbose and ran - edit.steps:
                print({step: found[step][1] for step in ran - edit.steps})
            found_wrong = check(folder, Path(place, "plain")) if checks else {}
            wrong = [text for path, text in found_wrong.items() if _of_list(path) not in always]

            shutil.rmtree(folder)
            yield edit, ran, planned, wrong


def precision(name: str, *, checks: bool, is_verbose: bool) -> tuple[int, int, int]:
    """Print how a notebook is resumed; return how many steps ran, must run, and how many edits came out wrong."""
    ran_all = must_all = wrong_all = 0
    for edit, ran, planned, wrong in edited(name, checks=checks, is_verbose=is_verbose):
        ran_all, must_all = ran_all + len(ran), must_all + len(edit.steps)
        wrong_all += bool(wrong or ran - planned)
        more = f"; more than needed: {', '.join(sorted(ran - edit.steps))}" if ran - edit.steps else ""
        more += f"; NOT FORESEEN: {', '.join(sorted(ran - planned))}" if ran - planned else ""
        more += f"; DIFFERENT: {wrong[:3]}" if wrong else ""
        print(f"  {edit}: {len(ran)} ran, {len(edit.steps)} must{more}", flush=True)
    return ran_all, must_all, wrong_all


def cost(name: str, rounds: int) -> tuple[float, float]:
    """Time complete runs of a notebook, plain and as a job; return the CPU seconds of both."""
    text = (HERE / "resuming" / f"{name}.txt").read_text()
    for old, new in _LONGER.get(name, {}).items():
        if old not in text:
            raise SystemExit(f"Expected {old!r} in {name}.txt, to make it longer.")
        text = text.replace(old, new)
    times: dict[str, list[float]] = {"plain": [], "job": []}
    walls: dict[str, list[float]] = {"plain": [], "job": []}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_data(folder, _TIMES)
        (folder / "job.py").write_text(script_of(text))
        commands = {"plain": ["job.py"], "job": ["-m", "dsml_magics.command.cli", "run", "job.py"]}
        for at in range(rounds + 1):
            for which, words in commands.items():
                started, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
                call(folder, *words)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                # The first of each warms up.
                if at:
                    walls[which].append(time.perf_counter() - started)
                    times[which].append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    cpu = {which: statistics.median(values) for which, values in times.items()}
    wall = {which: statistics.median(values) for which, values in walls.items()}
    print(
        f"{name}: plain {cpu['plain']:.2f} CPU s, {wall['plain']:.2f} s; job {cpu['job']:.2f} CPU s, "
        f"{wall['job']:.2f} s; + {cpu['job'] - cpu['plain']:.2f} CPU s, + {wall['job'] - wall['plain']:.2f} s; + {100 * (cpu['job'] / cpu['plain'] - 1):.0f} % CPU, "
        f"+ {100 * (wall['job'] / wall['plain'] - 1):.0f} % of time",
        flush=True,
    )
    return cpu["plain"], cpu["job"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="*")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--cost", action="store_true")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--verbose", action="store_true")
    given = parser.parse_args()
    names = given.notebooks or sorted(path.stem for path in (HERE / "resuming").glob("*.txt"))
    if given.cost:
        for name in names:
            cost(name, given.rounds)
        return
    ran = must = wrong = 0
    for name in names:
        print(name)
        found = precision(name, checks=given.check, is_verbose=given.verbose)
        ran, must, wrong = ran + found[0], must + found[1], wrong + found[2]
    print(
        f"{ran} steps ran again, {must} must: {ran / must:.2f} (goal: {_LIMIT}); {wrong} edits came out wrong"
    )


if __name__ == "__main__":
    main()
