"""One run, of a notebook in a fresh kernel or of a script in a fresh process, and what it left."""

import asyncio
import os
import pickle
import subprocess
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.pipeline.proof import seeding
from dsml_magics.pipeline.proof.bootstrap import COMMAND
from dsml_magics.pipeline.proof.comparing import lines_of
from dsml_magics.pipeline.proof.contents import Contents
from dsml_magics.pipeline.proof.copy import Place
from dsml_magics.pipeline.proof.description import Description
from dsml_magics.pipeline.proof.files import Stamps, stamps, written
from dsml_magics.pipeline.proof.witness import contents_of

_ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Line:
    """A printed line and the code cell it came from, 0 where that is unknown."""

    text: str
    cell: int


@dataclass(frozen=True, slots=True)
class Run:
    """What a run left: its variables, the files it wrote and what it printed, or why it failed."""

    names: Mapping[str, Description]
    files: Mapping[str, Description]
    lines: Sequence[Line]
    seconds: float
    contents: Contents
    failed: str = ""


def run_notebook(notebook: Any, place: Place) -> Run:
    """Run a notebook in a fresh kernel of this Python, in a copy of its folder.

    Cells tagged ``raises-exception`` may raise, and the rest runs; any other error ends the run.
    """
    before = stamps(place.root, place.folder)
    dump = place.root.parent / f"{place.root.name}.pickle"
    started = time.perf_counter()
    failed = _executed(notebook, place, dump)
    seconds = time.perf_counter() - started
    lines = _lines(notebook, place)
    said = _said(dump)
    contents = Contents(contents_of(str(dump)))
    files = _files(before, place, said["saved"], contents)
    return Run(said["names"], files, lines, seconds, contents, failed)


def run_script(script: Path, place: Place, *, left: Iterable[str] = ()) -> Run:
    """Run a script in a fresh process, in a copy of the folder; the names `left` are not described."""
    before = stamps(place.root, place.folder)
    dump = place.root.parent / f"{place.root.name}.pickle"
    command = [sys.executable, "-c", COMMAND, str(dump), str(place.root), ",".join(sorted(left)), str(script)]
    started = time.perf_counter()
    done = subprocess.run(
        command,
        cwd=place.folder,
        env=environment(place),
        capture_output=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    seconds = time.perf_counter() - started
    text = done.stdout.decode("utf-8", "replace")
    failed = "" if done.returncode == 0 else _last_words(done)
    lines = [Line(line, 0) for line in lines_of(_without_place(text, place))]
    said = _said(dump)
    contents = Contents(contents_of(str(dump)))
    files = _files(before, place, said["saved"], contents)
    return Run(said["names"], files, lines, seconds, contents, failed)


def environment(place: Place) -> dict[str, str]:
    """Make the environment both kinds of run get: nothing of the user's session, nothing random."""
    own = place.root.parent / "home"
    path = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    fixed = {
        # The order of a set of words must not decide whether two runs are equal.
        "PYTHONHASHSEED": "0",
        "PYTHONUNBUFFERED": "1",
        "PYTHONPATH": path,
        "PYTHONDONTWRITEBYTECODE": "1",
        "IPYTHONDIR": str(own / "ipython"),
        "JUPYTER_RUNTIME_DIR": str(own / "runtime"),
        "DSML_HOME": str(own / f"dsml-{place.root.name}"),
    }
    # What is tried here must not be recorded among the real runs.
    left = ("MLFLOW_TRACKING_URI", "MLFLOW_RUN_ID", "MPLBACKEND", "JPY_SESSION_NAME", "JPY_PARENT_PID")
    return {**{name: value for name, value in os.environ.items() if name not in left}, **fixed}


def _executed(notebook: Any, place: Place, dump: Path) -> str:
    """Run the cells, and a last one that writes down the variables; tell what stopped them, if something did."""
    from nbclient.exceptions import CellExecutionError, DeadKernelError
    from nbformat.v4 import new_code_cell

    witness = "from dsml_magics.pipeline.proof.witness import of_kernel as __witness__"
    ask = new_code_cell(f"{witness}\n__witness__({str(dump)!r}, {str(place.root)!r})")
    notebook.cells.append(ask)
    try:
        # A notebook that calls this has an event loop that runs: ours needs a thread of its own.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(asyncio.run, _in_kernel(notebook, place)).result()
    except CellExecutionError as error:
        return _located(
            notebook, f"{error.ename}: {str(error.evalue).splitlines()[0] if error.evalue else ''}"
        )
    except DeadKernelError:
        return _located(notebook, "the kernel died")
    finally:
        notebook.cells.remove(ask)
    return ""


async def _in_kernel(notebook: Any, place: Place) -> None:
    """Execute a notebook in a kernel of this Python, and leave no socket behind."""
    import zmq.asyncio
    from jupyter_client.kernelspec import KernelSpec
    from jupyter_client.manager import AsyncKernelManager
    from nbclient import NotebookClient

    words = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}", "--log-level=ERROR"]
    words += ["--ext", seeding.__name__]
    context = zmq.asyncio.Context()
    manager = AsyncKernelManager(kernel_name="python3", context=context)
    manager._kernel_spec = KernelSpec(argv=words, display_name="proof", language="python")  # noqa: SLF001
    client = NotebookClient(
        notebook, km=manager, timeout=None, resources={"metadata": {"path": str(place.folder)}}
    )
    try:
        # A manager of the caller's is not cleaned up unless that is asked for.
        await client.async_execute(
            cwd=str(place.folder),
            env=environment(place),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cleanup_kc=True,
        )
    finally:
        context.destroy(linger=0)


def _located(notebook: Any, what: str) -> str:
    """Name the last cell that began to run."""
    begun = [
        number for number, cell in _code_cells(notebook) if cell.get("execution_count") or cell["outputs"]
    ]
    return f"code cell {begun[-1] if begun else 1}: {what}"


def _code_cells(notebook: Any) -> list[tuple[int, Any]]:
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    return list(enumerate(cells, start=1))


def _lines(notebook: Any, place: Place) -> list[Line]:
    """List the lines that were printed or displayed; one may be begun by one cell and ended by another."""
    lines: list[Line] = []
    begun, first = "", 0
    for number, cell in _code_cells(notebook):
        whole, _, rest = (begun + _without_place(_printed(cell), place)).rpartition("\n")
        for line in lines_of(whole):
            lines.append(Line(line, first or number))
            first = 0
        first = (first or number) if rest else 0
        begun = rest
    return lines + [Line(line, first) for line in lines_of(begun)]


def _printed(cell: Any) -> str:
    """Join what a cell printed or displayed; what its last expression shows is no part of a script."""
    text = ""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stdout":
            text += output.text
        elif output.output_type == "display_data":
            text = (text if text.endswith("\n") or not text else f"{text}\n") + _displayed(output.data) + "\n"
    return text


def _without_place(text: str, place: Place) -> str:
    """Name the copy of the folder as it is called in each run."""
    return text.replace(str(place.root), "<folder>")


def _displayed(data: Mapping[str, str]) -> str:
    if "application/vnd.jupyter.widget-view+json" in data:
        return ""
    return data.get("text/markdown") or data.get("text/latex") or data.get("text/plain", "")


def _last_words(done: "subprocess.CompletedProcess[bytes]") -> str:
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    at = next((line.strip() for line in reversed(lines) if line.startswith("  File ") and ".py" in line), "")
    line = at.partition(", line ")[2].partition(",")[0]
    where = f"line {line}: " if line else ""
    return f"{where}{lines[-1] if lines else f'it ended with code {done.returncode}'}"


def _said(dump: Path) -> dict[str, Any]:
    """Read what a process wrote down of itself, if it came to that."""
    if not dump.exists():
        return {"names": {}, "saved": {}}
    said: dict[str, Any] = pickle.loads(dump.read_bytes())  # noqa: S301  built-in values our own witness wrote
    return said


def _files(
    before: Stamps, place: Place, saved: Mapping[str, Description], contents: Contents
) -> dict[str, Description]:
    """Tell what a run wrote; models by what they hold."""
    after = written(before, place.root, place.folder, contents)
    saved = {os.path.relpath(place.root / name, place.folder): held for name, held in saved.items()}
    return {name: saved.get(name, content) for name, content in after.items()}
