"""Hostile notebooks through the conversion: each becomes Python that compiles, or is refused in one of our errors."""

import ast
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dsml_magics as dsml
from dsml_magics.errors import DsmlError

Outcome = tuple[str, bool, str]
LONG_CPU_S = 60.0


def notebook(*cells: str, kind: str = "code") -> dict[str, Any]:
    made = [
        {
            "cell_type": kind,
            "metadata": {},
            "source": cell,
            **({"outputs": [], "execution_count": None} if kind == "code" else {}),
        }
        for cell in cells
    ]
    return {"cells": made, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}


CELLS: dict[str, tuple[str, ...]] = {
    "a term 20,000 long": ("x = " + "+".join(["1"] * 20_000),),
    "200,000 brackets": ("x = " + "[" * 200_000 + "]" * 200_000,),
    "20,000 nots": ("x = " + "not " * 20_000 + "1",),
    "nested blocks": ("".join("    " * depth + "if 1:\n" for depth in range(150)) + "    " * 150 + "pass",),
    "a line of 2 MB": (f"x = '{'a' * 2_000_000}'",),
    "a secret in an address": ("%env DB=postgresql://bob:hunter2@db/x",),
    "a secret by name": ("%env GH_PAT=hunter2-x9",),
    "a magic in a string": ("x = '''\n%time\n!ls\n'''",),
    "a cell that does not parse": ("def (",),
    "bytes of no text": ("x = 1\0",),
    "lone surrogates": ("x = '\ud800'",),
    "a name of this package's helpers": ("_shell = 1; os = 2; sys = 3", "!true"),
    "a heading that is code": ("# %% rm -rf /", '# %% """'),
    "quotes in a heading": ('# """ + __import__("os").system("true") + """',),
    "an unknown magic": ("%sql select 1",),
    "a shell line that never ends": ("!cat \\\n\\\n\\",),
    "form feeds and tabs": ("\x0cx = 1\n\tif x:\n\t\ty = 2",),
    "five thousand cells": tuple(f"x{i} = {i}" for i in range(5_000)),
    "a loop of runs": ("%run nb.ipynb",),
}
TEXTS: dict[str, str] = {
    "no JSON": "{",
    "a list": "[]",
    "another format": json.dumps({"nbformat": 3, "worksheets": []}),
    "no cells": json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}}),
    "cells of no kind": json.dumps({"nbformat": 4, "nbformat_minor": 4, "metadata": {}, "cells": [{}]}),
    "deep JSON": "[" * 100_000,
    "another language": json.dumps(
        {
            **notebook("x <- 1"),
            "metadata": {"kernelspec": {"language": "R", "name": "ir", "display_name": "R"}},
        }
    ),
}


def attack() -> Iterator[Outcome]:
    """Convert each hostile notebook."""
    with tempfile.TemporaryDirectory(prefix="dsml-attack-") as folder:
        path = Path(folder, "nb.ipynb")
        for what, cells in CELLS.items():
            path.write_text(json.dumps(notebook(*cells)))
            yield _tried(f"cell: {what}", path)
        for what in ("`" * 100_000, "# " * 50_000, "=\n" * 50_000):
            path.write_text(json.dumps({**notebook(what, kind="markdown")}))
            yield _tried(f"text: {what[:4]!r} many times", path)
        for what, text in TEXTS.items():
            path.write_text(text)
            yield _tried(f"file: {what}", path)


def _tried(what: str, path: Path) -> Outcome:
    begun = time.process_time()
    try:
        script = dsml.pipeline(str(path)).to_script()
        ast.parse(script)
        held, seen = "hunter2" not in script, f"{len(script):,} characters"
    except DsmlError as error:
        held, seen = True, f"refused: {str(error).splitlines()[0][:80]}"
    except BaseException as error:  # noqa: BLE001  anything else is what is looked for
        held, seen = False, f"{type(error).__name__}: {str(error)[:80]}"
    seconds = time.process_time() - begun
    return what, held and seconds < LONG_CPU_S, f"{seen}, {seconds:.1f} s"
