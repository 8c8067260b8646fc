"""Write a notebook or script that repeats a run, and say what no longer matches."""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any

from dsml_magics.errors import DsmlError, UsageError
from dsml_magics.files import write_text
from dsml_magics.runs.artifact import Artifacts
from dsml_magics.runs.finding import run_of
from dsml_magics.runs.importing import sorted_imports
from dsml_magics.runs.reproduction import Reproduction
from dsml_magics.runs.run import Run

_ENDINGS = (".ipynb", ".py")


def reproduced(reference: object, *, to: str | os.PathLike[str] | None) -> Reproduction:
    """Find a run, and write the file.

    Raises
    ------
    UsageError
        There is no such run, it was not tracked, or the file is of another kind.
    """
    run = run_of(reference)
    path = (
        Path(to)
        if to is not None
        else Path(f"reproduce-{re.sub(r'[^A-Za-z0-9_-]+', '-', run.name) or run.short_id}.ipynb")
    )
    if path.suffix not in _ENDINGS:
        raise UsageError(f"Expected a file that ends in .ipynb or .py, got {str(path)!r}.")
    with tempfile.TemporaryDirectory() as folder:
        artifacts = Artifacts(run, Path(folder))
        if not artifacts.text("cell.py"):
            raise UsageError(
                f"Run {run.name!r} was not tracked: it has no dsml/cell.py, so its code is not known."
            )
        cells = _cells(run, artifacts)
        mismatches = tuple(_mismatches(artifacts))
    write_text(path, _notebook(cells) if path.suffix == ".ipynb" else _script(cells))
    return Reproduction(str(path), run.id, mismatches, run.short_id)


def _cells(run: Run, artifacts: Artifacts) -> list[tuple[str, str]]:
    """Render the parts: prose and code in turn."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    facts = artifacts.facts
    environment = Environment(
        loader=PackageLoader("dsml_magics.runs"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,  # noqa: S701  it writes Python
    )
    environment.filters["literal"] = _literal
    text = environment.get_template("reproduce.py.jinja").render(
        run=run,
        facts=facts,
        imports=_imports(facts),
        git=facts.get("git") or {},
        patch=bool(artifacts.text("diff.patch")),
        cell=artifacts.text("cell.py").rstrip(),
        missing=_needed(facts),
        metrics={name: value for name, value in run.metrics.items() if not name.startswith("dsml.")},
        is_random=bool(artifacts.text("random.json")),
    )
    parts = re.split(r"^# %%( \[markdown\])?\n", text, flags=re.MULTILINE)[1:]
    return [
        ("markdown" if kind else "code", content.strip("\n"))
        for kind, content in zip(parts[::2], parts[1::2], strict=True)
    ]


def _imports(facts: dict[str, Any]) -> str:
    own = [
        "import json",
        "from importlib.metadata import PackageNotFoundError, version",
        "from pathlib import Path",
    ]
    own += ["import subprocess"] if facts.get("git") else []
    return sorted_imports([*own, "import mlflow", "import dsml_magics as dsml", *facts.get("imports", ())])


def _literal(value: Any) -> str:
    """Write a value as Python with double quotes, as ruff formats it."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, dict):
        lines = "".join(f"    {_literal(key)}: {_literal(each)},\n" for key, each in value.items())
        return f"{{\n{lines}}}" if value else "{}"
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):  # noqa: PLR0124  NaN
        return f'float("{value}")'
    return repr(value)


def _needed(facts: dict[str, Any]) -> list[str]:
    """Name what the cell reads that it does not bind and Python does not have: earlier cells made it."""
    import builtins

    imported = {line.split()[-1] for line in facts.get("imports", ())}
    bound = {*facts.get("bound", ()), *imported}
    return [name for name in facts.get("read", ()) if name not in bound and not hasattr(builtins, name)]


def _notebook(cells: list[tuple[str, str]]) -> str:
    import nbformat

    book = nbformat.v4.new_notebook()
    book.metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
    }
    for number, (kind, content) in enumerate(cells):
        if kind == "markdown":
            made = nbformat.v4.new_markdown_cell(re.sub(r"^# ?", "", content, flags=re.MULTILINE))
        else:
            made = nbformat.v4.new_code_cell(content)
        made["id"] = f"cell-{number}"
        book.cells.append(made)
    return str(nbformat.writes(book)) + "\n"


def _script(cells: list[tuple[str, str]]) -> str:
    text = ""
    for kind, content in cells:
        # After a function, as formatters have it, two lines are empty.
        gap = "" if not text else "\n\n\n" if text.splitlines()[-1].startswith("        ") else "\n\n"
        text += f"{gap}# %%{' [markdown]' if kind == 'markdown' else ''}\n{content}"
    return text + "\n"


def _mismatches(artifacts: Artifacts) -> "list[str]":
    facts = artifacts.facts
    return [*_of_commit(facts), *_of_packages(facts), *_of_tables(facts), *_of_names(facts)]


def _of_commit(facts: dict[str, Any]) -> list[str]:
    from dsml_magics.track.surroundings import commit

    git, here = facts.get("git"), commit()
    if not git:
        return ["the code around the cell: it was run outside a repository"]
    if here is None:
        return [f"commit {git['commit'][:12]}: this folder is no repository"]
    return (
        []
        if here.commit == git["commit"]
        else [f"commit: it was {git['commit'][:12]}, here it is {here.commit[:12]}"]
    )


def _of_packages(facts: dict[str, Any]) -> list[str]:
    from importlib.metadata import PackageNotFoundError, version

    said = []
    for name, then in facts.get("packages", {}).items():
        try:
            now = version(name)
        except PackageNotFoundError:
            said.append(f"package {name}: it was {then}, here it is not installed")
            continue
        if now != then:
            said.append(f"package {name}: it was {then}, here it is {now}")
    return said


def _of_tables(facts: dict[str, Any]) -> list[str]:
    from dsml_magics.frames.fingerprint import fingerprint
    from dsml_magics.frames.opening import open_table

    said = []
    for table in facts.get("tables", ()):
        path = table.get("source")
        if not path:
            continue
        try:
            now = fingerprint(open_table(path))
        except DsmlError as error:
            said.append(f"table {table['name']}: {error}")
            continue
        if now != table["fingerprint"]:
            said.append(f"table {table['name']}: {path!r} has other content, or was read with options")
    return said


def _of_names(facts: dict[str, Any]) -> list[str]:
    needed = _needed(facts)
    return (
        [f"names of earlier cells: {', '.join(needed)}; the file says where to make them"] if needed else []
    )
