"""What a profile costs beside what a user would pick instead, and whether the goals are met.

Every piece of work runs in a process of its own (`profiling/works.py`), in turn with the others, A B A B ...; the medians
are shown. A ratio is the median of the ratios of the rounds, in CPU seconds. Tables are seeded (`profiling/tables.py`).
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

HERE = Path(__file__).with_name("profiling")
ONE_THREAD = dict.fromkeys(
    ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "POLARS_MAX_THREADS", "NUMBA_NUM_THREADS"),
    "1",
)
HEAD = f"{'':<40}{'CPU s':>9}{'wall s':>9}{'peak MB':>9}{'size kB':>9}"
SKRUB, YDATA = "skrub TableReport, HTML", "fg-data-profiling minimal, HTML"
SLOW = ("fg-data-profiling, HTML", "sweetviz, HTML", "whylogs, view")
ENOUGH = 20
"""Seconds of work that need no second round."""
QUICK = ("DuckDB SUMMARIZE", "polars describe", "pandas describe")

Figures = dict[str, Any]


@dataclass(frozen=True)
class Bench:
    """Where tables are kept, which interpreters there are, and what was found so far."""

    folder: Path
    pythons: tuple[str, ...]
    rounds: int
    rows: int
    full: bool
    goals: list[str] = field(default_factory=list)

    def table(self, rows: int, columns: int) -> Path:
        """Write the table, unless it is there."""
        path = self.folder / f"{rows}x{columns}.parquet"
        if not path.exists():
            words = [sys.executable, HERE / "tables.py", str(rows), str(columns), path]
            subprocess.run(words, check=True)
        return path

    @cached_property
    def homes(self) -> dict[str, str | None]:
        """The interpreter of each work: the first that has what it needs."""
        code = (
            "import importlib.metadata as m, json, works\n"
            "installed = {each.name.lower().replace('_', '-') for each in m.distributions()}\n"
            "print(json.dumps({name: needed in installed for name, (_, needed) in works.WORKS.items()}))"
        )
        found = [json.loads(output([python, "-c", code], cwd=HERE)) for python in self.pythons]
        return {
            name: next((python for python, has in zip(self.pythons, found, strict=True) if has[name]), None)
            for name in found[0]
        }

    def run(self, name: str, rows: int, columns: int, *options: str, threads: int | None = None) -> Figures:
        """Do the work once."""
        environment = {**os.environ, "MPLBACKEND": "agg"}
        environment = {**environment, **ONE_THREAD} if threads == 1 else without(environment, ONE_THREAD)
        words = [
            self.homes[name],
            HERE / "works.py",
            name,
            self.table(rows, columns),
            self.table(500, columns),
            *options,
        ]
        return json.loads(output(words, env=environment))

    def side_by_side(self, names: Iterable[str], rows: int, columns: int) -> dict[str, list[Figures]]:
        """Do each work in turn, on one thread, and print a row for each; those not installed are named."""
        print(f"\n{rows:,} rows x {columns} columns, mixed, in memory, one thread\n{HEAD}")
        there = [name for name in names if self.homes[name]]
        taken = {name: [] for name in there}
        for _ in range(self.rounds):
            for name in there:
                if not any(each["wall"] > ENOUGH for each in taken[name]):
                    taken[name].append(self.run(name, rows, columns, threads=1))
        for name in names:
            print(row(name, taken[name]) if name in taken else f"{name:<40} not installed here")
        return taken

    def goal(self, text: str, value: float | None, limit: float, *, unit: str = "") -> None:
        """Print whether a goal is met, and keep it for the end."""
        verdict = "not measured" if value is None else "met" if value <= limit else "NOT MET"
        shown = "-" if value is None else f"{value:.3g}"
        line = f"{text:<66}{shown:>9} {unit:<3} <= {limit:<6g} {verdict}"
        print("  goal:", line)
        self.goals.append(line)


def output(words: list[Any], **options: Any) -> str:
    done = subprocess.run(words, check=False, capture_output=True, text=True, **options)
    if done.returncode:
        raise SystemExit(f"{words} failed:\n{done.stderr}")
    return done.stdout


def without(environment: dict[str, str], names: Iterable[str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in set(names)}


def row(name: str, taken: list[Figures]) -> str:
    cpu, wall, peak, size = (
        statistics.median(each[key] for each in taken) for key in ("cpu", "wall", "peak", "size")
    )
    shown = f"{size / 1000:9.0f}" if size > 5000 else " " * 9
    return f"{name:<40}{cpu:9.3f}{wall:9.2f}{peak:9.0f}{shown}  {taken[0]['version']}"


def ratio(taken: dict[str, list[Figures]], ours: str, theirs: str) -> float | None:
    if theirs not in taken:
        return None
    pairs = zip(taken[ours], taken[theirs], strict=False)
    return statistics.median(mine["cpu"] / other["cpu"] for mine, other in pairs)


def small(bench: Bench) -> None:
    names = ["ours, text", "ours, HTML", "bare pass", SKRUB, YDATA, *QUICK, *(SLOW if bench.full else ())]
    taken = bench.side_by_side(names, 50_000, 15)
    bench.goal("50k x 15, text and HTML: CPU / skrub's", ratio(taken, "ours, HTML", SKRUB), 0.1)
    bench.goal(
        "50k x 15, text and HTML: CPU / fg-data-profiling minimal's", ratio(taken, "ours, HTML", YDATA), 0.02
    )


def large(bench: Bench) -> None:
    names = ["ours, text", "ours, HTML", "bare pass", SKRUB, *((*QUICK, YDATA, *SLOW) if bench.full else ())]
    taken = bench.side_by_side(names, 1_000_000, 30)
    bench.goal("1M x 30, text and HTML: CPU / skrub's", ratio(taken, "ours, HTML", SKRUB), 0.1)
    bench.goal("1M x 30, text: CPU / a bare pass'", ratio(taken, "ours, text", "bare pass"), 1.3)
    print("\n1,000,000 rows x 30 columns, all threads: until a notebook shows it")
    for label, options in (("libraries loaded", ()), ("in a new process, imports too", ("--cold",))):
        figures = bench.run("ours, shown in a notebook", 1_000_000, 30, *options)
        bench.goal(f"1M x 30, first text in the notebook, {label}", figures["wall"], 3, unit="s")
    state = bench.run("ours, state", 1_000_000, 30)
    bench.goal("1M x 30, serialised state", state["size"] / 1e6, 1.5, unit="MB")


def rows(bench: Bench) -> None:
    sizes = [size for size in (100_000, 1_000_000, bench.rows) if size <= bench.rows]
    sizes += [3 * bench.rows] if bench.full else []
    print(f"\nParquet of 12 columns, larger and larger, all threads\n{HEAD}{'ns a cell':>11}")
    taken = {size: growth(bench, size, 12, "--file") for size in dict.fromkeys(sizes)}
    if bench.rows >= 10_000_000:
        bench.goal(f"{bench.rows:,} x 12 Parquet: CPU", taken[bench.rows]["cpu"], 12, unit="s")
    bench.goal(f"{bench.rows:,} x 12 Parquet: peak memory", taken[bench.rows]["peak"], 500, unit="MB")
    if 1_000_000 in taken:
        flat = max(each["peak"] for each in taken.values()) / taken[1_000_000]["peak"]
        bench.goal(f"{max(taken):,} rows: peak memory / that of 1M rows", flat, 1.25)


def columns(bench: Bench) -> None:
    print(f"\n10,000 rows in memory, more and more columns, all threads\n{HEAD}{'ns a cell':>11}")
    for width in (10, 100, 1000):
        growth(bench, 10_000, width)


def growth(bench: Bench, size: int, width: int, *options: str) -> Figures:
    figures = bench.run("ours, text", size, width, *options)
    print(f"{row(f'{size:,} x {width:,}', [figures])[:76]:<76}{figures['cpu'] / size / width * 1e9:11.0f}")
    if size > 1_000_000:
        bench.table(size, width).unlink()
    return figures


def page(bench: Bench) -> None:
    print("\nThe page")
    figures = bench.run("ours, HTML", 200_000, 50)
    bench.goal("200k x 50: size of the HTML", figures["size"] / 1000, 500, unit="kB")


def check() -> int:
    """Hold every figure of real tables against pandas and scipy; give how many differ by more than their bounds."""
    sys.path.insert(0, str(HERE))
    from check import associations, differences, sketched
    from public import absent, tables

    from dsml_magics.profile.value import Profile

    found, read, beyond, pairs = 0, 0, 0, 0
    for name, table in tables():
        for way, profiled in (("exact", Profile.of), ("summaries", sketched)):
            profile = profiled(table)
            read += 1
            for what, said, true in differences(table, profile):
                print(f"{name}, {way}: {what}: {said!r}, true {true!r}")
                found += 1
            for pair, true in associations(table, profile):
                pairs += 1
                if not abs(pair.strength - true) <= pair.bound + 1e-6:
                    beyond += 1
                    found += not pair.bound
                    print(
                        f"{name}, {way}: {pair.column} and {pair.other}: {pair.strength:.3f} ±{pair.bound:.3f}, true {true:.3f}"
                    )
    print(
        f"{read} profiles: {found} figures beyond their bounds; {beyond} of {pairs} associations, of which 5 % may be"
    )
    for package in absent():
        print(f"not installed here, its tables were not checked: {package}")
    return found + (beyond > 0.05 * pairs)


PARTS: dict[str, Callable[[Bench], None]] = {
    "small": small, "large": large, "rows": rows, "columns": columns, "page": page
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("parts", nargs="*", help=f"which of: {', '.join(PARTS)} (all)")
    parser.add_argument(
        "--peer-python", action="append", default=[], help="interpreter that has peers; may be repeated"
    )
    parser.add_argument(
        "--rows", type=int, default=10_000_000, help="of the largest Parquet file (%(default)s)"
    )
    parser.add_argument("--rounds", type=int, default=3, help="of each comparison (%(default)s)")
    parser.add_argument("--full", action="store_true", help="the slow peers too, and three times the rows")
    parser.add_argument(
        "--check", action="store_true", help="hold every figure of real tables against pandas and scipy"
    )
    chosen = parser.parse_args()
    if chosen.check:
        raise SystemExit(1 if check() else 0)
    with tempfile.TemporaryDirectory() as folder:
        pythons = (sys.executable, *chosen.peer_python)
        bench = Bench(Path(folder), pythons, chosen.rounds, chosen.rows, chosen.full)
        for part in chosen.parts or PARTS:
            PARTS[part](bench)
    print("\nGoals", *bench.goals, sep="\n")


if __name__ == "__main__":
    main()
