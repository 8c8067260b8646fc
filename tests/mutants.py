"""Faults put into the code by mutmut, one at a time, and how many of them the tests beside it notice.

    python tests/mutants.py [SUBJECT ...] [--jobs N] [--again]

Prints the score of each module, and each fault that lives: as lines for `harmless.txt`, where those stand that change
nothing anybody could see, each with its reason. What is unchanged since the last time is not tried again, unless the
tests may have changed (`--again`). Child processes import the faulty code too: they find it first on their path.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
WORK = ROOT / ".mutants"
HARMLESS = Path(__file__).with_name("harmless.txt")
GOAL = 0.85
_TOO_LONG = {-24, 24, 36, 152, 255}
_KILLED = {1, 3, -11, -9, *_TOO_LONG}
"""Exit codes of mutmut for a fault that a test noticed, or that made it end or run too long."""


class Subject(NamedTuple):
    """Modules, and the tests beside them, in the order in which they are most likely to notice a fault.

    What takes long to import, and tests of theirs need, is imported once for all faults.
    """

    modules: list[str]
    tests: list[str]
    imported: tuple[str, ...] = ()


SUBJECTS = {
    "approval": Subject(
        ["versions/moving.py", "versions/moved.py", "ledger/moves.py"],
        ["tests/ledger/test_moves.py", "tests/versions/test_moving.py"],
    ),
    "association": Subject(
        ["profile/association.py", "profile/strength.py", "profile/correlation.py"],
        [
            "tests/profile/test_association.py",
            "tests/profile/test_strength.py",
            "tests/profile/test_correlation.py",
        ],
    ),
    "authentication": Subject(["serve/hosts.py"], ["tests/serve/test_hosts.py"]),
    "contract": Subject(
        ["package/contract.py", "package/violation.py", "package/checking.py"],
        [
            "tests/package/test_contract_text.py",
            "tests/package/test_violation.py",
            "tests/package/test_checking.py",
            "tests/package/test_contract.py",
        ],
    ),
    "drift": Subject(
        ["profile/drift.py", "profile/two_samples.py", "profile/tails.py", "profile/significance.py"],
        [
            "tests/profile/test_drift.py",
            "tests/profile/test_drift_chance.py",
            "tests/profile/test_two_samples.py",
            "tests/profile/test_tails.py",
            "tests/profile/test_significance.py",
        ],
    ),
    "edge": Subject(["deploy/edge.py"], ["tests/deploy/test_edge.py", "tests/deploy/test_edge_answers.py"]),
    "export": Subject(
        ["export/schedule.py", "export/needs.py", "package/pins.py"],
        ["tests/export/test_schedule.py", "tests/export/test_needs.py", "tests/package/test_pins.py"],
    ),
    "fingerprint": Subject(["frames/fingerprint.py"], ["tests/frames/test_fingerprint.py"]),
    "gate": Subject(["deploy/gate.py"], ["tests/deploy/test_gate.py"]),
    "manifest": Subject(["package/manifest.py"], ["tests/package/test_manifest_files.py"]),
    "proof": Subject(
        ["pipeline/proof/comparing.py", "pipeline/proof/comparison.py"], ["tests/pipeline/proof"]
    ),
    "prover": Subject(
        ["deploy/prover.py", "deploy/checked.py"],
        [
            "tests/deploy/test_prover.py",
            "tests/deploy/test_checked.py",
            "tests/deploy/test_prover_process.py",
        ],
    ),
    "redaction": Subject(
        ["redaction.py"],
        ["tests/test_redaction.py", "tests/test_redaction_names.py", "tests/test_redaction_laws.py"],
    ),
    "resume": Subject(
        ["run/need.py", "run/planning.py"], ["tests/run/test_need.py", "tests/run/test_planning.py"]
    ),
    "slicing": Subject(["pipeline/analysis/slicing.py"], ["tests/pipeline/analysis/test_slicing.py"]),
    "spool": Subject(
        ["ledger/spool.py", "ledger/sending.py"],
        ["tests/ledger/test_spool.py", "tests/ledger/test_delivery.py"],
        ("mlflow.store.tracking.sqlalchemy_store",),
    ),
}
_BESIDE = (
    "tests",
    "notebooks",
    "benchmarks",
    "README.md",
    "CHANGELOG.md",
    "SECURITY.md",
    "Makefile",
    "constraints.txt",
)


class Fault(NamedTuple):
    """A fault that was tried; `text` is a line of `harmless.txt` without its reason."""

    module: str
    text: str
    is_killed: bool
    ran_too_long: bool


def prepare(name: str, subject: Subject) -> Path:
    """Make the folder in which a subject's faults are tried: mutmut reads its settings from a project's file."""
    folder = WORK / name
    (folder / "mutants").mkdir(parents=True, exist_ok=True)
    for each in ("dsml_magics", *_BESIDE):
        if not (folder / each).is_symlink():
            (folder / each).symlink_to(ROOT / each)
    settings = {
        "source_paths": ["dsml_magics"],
        "only_mutate": [f"dsml_magics/{module}" for module in subject.modules],
        "also_copy": list(_BESIDE),
        # Forks of a process that has run tests would wait for ever for threads that they do not have.
        "process_isolation": "forkserver",
        "pytest_add_cli_args": [
            "-p",
            "no:cacheprovider",
            "--hypothesis-seed=0",
            "--hypothesis-profile=any failure",
            # pytest imports plugins before tests, also where it only lists them.
            *(f"-p{module}" for module in subject.imported),
        ],
        "pytest_add_cli_args_test_selection": subject.tests,
    }
    # Lists of texts are the same in JSON and in TOML.
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    (folder / "pyproject.toml").write_text(
        "\n".join([project, "[tool.mutmut]", *lines, ""]), encoding="utf-8"
    )
    return folder


def try_all(folder: Path, jobs: int) -> None:
    """Let mutmut make the faults of a folder and run the tests against each."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(folder / "mutants"),
        "OMP_NUM_THREADS": "1",
        "MLFLOW_DISABLE_TELEMETRY": "true",
    }
    words = [sys.executable, "-m", "mutmut", "run", "--max-children", str(jobs)]
    with (folder / "mutmut.log").open("wb") as log:
        done = subprocess.run(words, cwd=folder, env=environment, stdout=log, stderr=log, check=False)
    if done.returncode:
        text = (folder / "mutmut.log").read_text(encoding="utf-8", errors="replace")
        raise SystemExit(f"mutmut ended with {done.returncode}:\n{text[-4000:]}")


def faults_of(folder: Path, subject: Subject) -> Iterator[Fault]:
    """Read what became of each fault, and what it was."""
    for module in subject.modules:
        noted = folder / "mutants" / "dsml_magics" / f"{module}.meta"
        codes = json.loads(noted.read_text(encoding="utf-8"))["exit_code_by_key"]
        living = [name for name, code in codes.items() if code not in _KILLED]
        texts = dict(zip(living, differences_of(folder, living), strict=True))
        for name in codes:
            yield Fault(module, texts.get(name, ""), name not in texts, codes[name] in _TOO_LONG)


def differences_of(folder: Path, names: list[str]) -> list[str]:
    """Write faults as lines: the function, what stood there, and what stands there instead."""
    code = (
        "import json, sys; from mutmut.mutation.diff_apply import get_diff_for_mutant as show\n"
        "print(json.dumps([show(name) for name in json.load(sys.stdin)]))"
    )
    words = [sys.executable, "-c", code]
    done = subprocess.run(
        words, cwd=folder, input=json.dumps(names), capture_output=True, text=True, check=True
    )
    return [_line(name, difference) for name, difference in zip(names, json.loads(done.stdout), strict=True)]


def _line(name: str, difference: str) -> str:
    function = name.partition(".")[2].rpartition("__mutmut_")[0]
    function = function.replace("xǁ", "").replace("ǁ", ".").replace(".x_", ".")
    lines = [line for line in difference.splitlines() if line[:3] not in ("---", "+++")]
    before, after = (
        " ".join(line[1:].strip() for line in lines if line.startswith(sign)) for sign in ("-", "+")
    )
    return f"{function}: {before} -> {after}"


def harmless() -> set[str]:
    """Read the faults that are known to be harmless: lines, each below its reason."""
    lines = HARMLESS.read_text(encoding="utf-8").splitlines() if HARMLESS.exists() else []
    return {line.strip() for line in lines if line.startswith("  ")}


def report(name: str, faults: list[Fault], known: set[str]) -> bool:
    """Print what became of a subject's faults; tell whether every module reaches the goal, and all that lives is explained."""
    reached = True
    for module in dict.fromkeys(fault.module for fault in faults):
        tried = [fault for fault in faults if fault.module == module]
        killed = sum(fault.is_killed for fault in tried)
        unexplained = [fault.text for fault in tried if not fault.is_killed and fault.text not in known]
        score = killed / len(tried)
        long = sum(fault.ran_too_long for fault in tried)
        print(
            f"{name:15} {module:34} {killed:4} of {len(tried):4}  {score:4.0%}  by time alone: {long}, "
            f"unexplained: {len(unexplained)}"
        )
        for text in unexplained:
            print(f"  {text}")
        reached = reached and score >= GOAL and not unexplained
    return reached


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="subject", help=", ".join(SUBJECTS))
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--again", action="store_true", help="try those again that are known already")
    given = parser.parse_args()
    if unknown := [name for name in given.subjects if name not in SUBJECTS]:
        parser.error(f"expected some of {', '.join(SUBJECTS)}; got {', '.join(unknown)}")
    known, reached = harmless(), True
    for name in given.subjects or SUBJECTS:
        subject = SUBJECTS[name]
        if given.again:
            shutil.rmtree(WORK / name, ignore_errors=True)
        folder = prepare(name, subject)
        try_all(folder, given.jobs)
        reached = report(name, list(faults_of(folder, subject)), known) and reached
    sys.exit(not reached)


if __name__ == "__main__":
    main()
