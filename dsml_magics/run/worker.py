"""The process a job's steps run in, as ``python script.py`` would run them, one after another at its word.

It reads orders from what it is started with as standard input and answers on the standard output of then, a line of
JSON each; standard output and error of a step go into its log files, those of programs it starts as well.
"""

import ast
import gc
import io
import json
import os
import sys
import threading
import traceback
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict
from importlib import import_module
from itertools import chain
from pathlib import Path
from queue import SimpleQueue
from types import FunctionType, ModuleType
from typing import Any

from dsml_magics.pipeline.sections import Script, Section, read_script
from dsml_magics.pipeline.splice import quietly
from dsml_magics.process.ending import flush, run_exit_functions
from dsml_magics.process.system import end_own_group
from dsml_magics.redaction import redact, secret_values
from dsml_magics.run.keeping import Effects, Keeper
from dsml_magics.run.named_files import folders_in, named_in
from dsml_magics.run.record import Cost, Group
from dsml_magics.run.settings import PLACES, Settings
from dsml_magics.run.store import Damaged, store_at
from dsml_magics.run.watch import Watch
from dsml_magics.track.meter import Meter
from dsml_magics.track.tracking import ABOVE

_KEPT = frozenset(("__builtins__", "__name__", "__loader__", "__package__", "__spec__"))
_MOST_WARNINGS = 100
_NEEDED = (ModuleType, FunctionType, type)
"""What objects may still call when they go."""
_FILE: type = io.IOBase.__base__  # type: ignore[assignment]  # the type itself, without the register of `abc`


def main() -> None:
    """Obey until the orders end; the first tells which script it is."""
    incoming, answers = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    orders = _orders(incoming)
    if (first := next(orders, None)) is None:
        return
    worker = _Worker(_entered(first), first["state"], sys.modules["__main__"].__dict__)
    with os.fdopen(answers, "w", encoding="utf-8") as outgoing:
        for order in chain((first,), orders):
            outgoing.write(json.dumps(worker.obey(order), default=str) + "\n")
            outgoing.flush()
    names = worker.names
    # What it knows of values holds them.
    del worker
    _leave(names)


def _leave(names: dict[str, Any]) -> None:
    """End as Python does: threads, functions for the exit, what objects do when they go; then all at once."""
    run_exit_functions()
    for name in [name for name, value in names.items() if not isinstance(value, _NEEDED)]:
        del names[name]
    gc.collect()
    _close_files()
    flush()
    os._exit(0)


def _close_files() -> None:
    """Close the files that modules, classes and functions hold, so that what is buffered is written.

    What wraps others comes first: a text file, then one of Python's own making such as that of gzip.
    """
    # By the type alone: to ask an object for its class may run the user's code.
    files = [each for each in gc.get_objects() if issubclass(type(each), _FILE)]
    files.sort(
        key=lambda each: 0 if isinstance(each, io.TextIOBase) else 1 + (type(each).__module__ == "_io")
    )
    standard = {id(each) for each in (sys.stdout, sys.stderr, sys.__stdout__, sys.__stderr__)}
    for file in files:
        with suppress(Exception):
            # A thread may wait for what it reads, and closing would wait for that thread.
            if id(file) not in standard and file.writable():
                file.close()


def _entered(order: Mapping[str, Any]) -> Script:
    """Make this process look as one that Python started with the script."""
    names = sys.modules["__main__"].__dict__
    for name in set(names) - _KEPT:
        del names[name]
    sys.argv = [order["script"], *order["arguments"]]
    script = Path(order["script"]).absolute()
    names.update(__file__=str(script), __cached__=None)
    sys.path[0] = str(script.parent)
    return read_script(script)


def _orders(descriptor: int) -> Iterator[dict[str, Any]]:
    """Yield orders. Whoever gave them may die while a step runs: then this process and its children end too."""
    waiting: SimpleQueue[bytes] = SimpleQueue()

    def listen() -> None:
        text = b""
        while part := os.read(descriptor, 1 << 16):
            *lines, text = (text + part).split(b"\n")
            for line in lines:
                waiting.put(line)
        end_own_group()

    threading.Thread(target=listen, daemon=True, name="dsml-orders").start()
    while (order := json.loads(waiting.get()))["do"] != "end":
        yield order


class _Worker:
    """A script's namespace, and what is known of it."""

    def __init__(self, script: Script, state: str, names: dict[str, Any]) -> None:
        self.script, self.names = script, names
        self.settings = Settings()
        self.keeper = Keeper(store_at(state), names, self.settings.read)
        self.watch = Watch(Path(self.settings.folder))
        self._process, self._has_ended = os.getpid(), False
        with quietly():
            self._tree = ast.parse(script.text)
            names["__doc__"] = ast.get_docstring(self._tree, clean=False)
        self._flags = _flags(script)

    def obey(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Do what is asked and tell how it went."""
        try:
            if order["do"] == "begin":
                return self._logged(order, self._begin)
            if order["do"] == "load":
                return self._load(order)
            return self._logged(order, lambda: self._step(order))
        except Damaged as error:
            return {"damaged": str(error)}
        except OSError as error:
            return {"trouble": f"{error.strerror or error}"}

    def _begin(self) -> dict[str, Any]:
        """Run what stands above the first step."""
        self._run(self.script.top)
        self.keeper.look()
        return {}

    def _load(self, order: Mapping[str, Any]) -> dict[str, Any]:
        """Bring the process where it should be: first to its folder and path, from which modules are imported."""
        groups = [Group.from_dict(values) for values in order["groups"]]
        places = [group for group in groups if PLACES & {*group.names}]
        found, lost = self.keeper.load(places)
        self.settings.restore(found)
        for module in order["imported"]:
            # One that was there, and is not, is told by its version.
            with suppress(ImportError):
                import_module(module)
        self.keeper.load_modules(order["modules"])
        found, unreadable = self.keeper.load([group for group in groups if group not in places])
        self.settings.restore(found)
        self.keeper.forget(order["gone"])
        self.keeper.look()
        return {"unreadable": lost | unreadable} if lost or unreadable else {}

    def _step(self, order: Mapping[str, Any]) -> dict[str, Any]:
        section = next(each for each in self.script.sections if each.name == order["step"])
        nodes = self._nodes(section)
        os.environ[ABOVE] = order["run"]
        self.watch.begin(looks=order["looks"])
        meter = Meter.begin()
        told: list[str] = []
        failed = self._tried(section, told)
        cost = meter.end()
        if os.getpid() != self._process:
            # A child that the step forked and did not end: its work is done.
            flush()
            os._exit(0 if failed is None else 1)
        values = [self.names[name] for name in order["reads"] if name in self.names]
        named = named_in(nodes, values) if order["uses_files"] else ()
        folders = folders_in(nodes, self.names) if order["uses_files"] else ()
        read, written = self.watch.end(named, folders)
        if "__file__" not in section.source and self.script.path.name not in section.source:
            # Python itself looks into the script, to show the line of a warning.
            read.pop(os.path.relpath(self.script.path, self.watch.folder), None)
        secrets = sorted(secret_values(self.names) | secret_values(os.environ))
        warned = tuple(redact(each, secrets) for each in told)
        facts = {
            "cost": asdict(Cost(cost.seconds, cost.cpu_seconds, cost.peak_memory_mb, warned)),
            "files": read | self._modules_beside(),
            "written": written,
            "variables": self.settings.outer(self.watch.variables),
            "secrets": secrets,
        }
        if failed is not None:
            hidden = {kind: redact(text, secrets) for kind, text in failed.items()}
            return {**facts, "failed": hidden}
        flush()
        left = self.keeper.left(_imported(nodes), _effects(order["effects"]))
        found = {"unforeseen": sorted(self.keeper.unforeseen), "rebound": sorted(self.keeper.rebound)}
        return {**facts, **found, "left": asdict(left), "ends": self._has_ended}

    def _tried(self, section: Section, told: list[str]) -> dict[str, str] | None:
        """Run a step; return what it raised, as text."""
        try:
            with _told(told):
                self._run(section)
        except SystemExit as end:
            if end.code not in (None, 0):
                return {"kind": "SystemExit", "text": f"SystemExit: {end.code}", "traceback": ""}
            self._has_ended = True
        except BaseException as error:  # noqa: BLE001  told to whoever ordered it
            return _described(error, str(self.script.path))
        return None

    def _run(self, section: Section) -> None:
        nodes = self._nodes(section)
        if nodes:
            with quietly():
                code = compile(
                    ast.Module(nodes, []), str(self.script.path), "exec", flags=self._flags, dont_inherit=True
                )
            exec(code, self.names)  # noqa: S102  the user's own script

    def _nodes(self, section: Section) -> list[ast.stmt]:
        """Take the statements of a section, with their lines in the file."""
        last = section.first_line + section.source.count("\n")
        return [node for node in self._tree.body if section.first_line <= node.lineno <= last]

    def _modules_beside(self) -> dict[str, str]:
        """Tell of the user's own modules that are imported: they are code of the step as well."""
        folder = sys.path[0] or "."
        files = [getattr(module, "__file__", None) for module in list(sys.modules.values())]
        own = [file for file in files if file and file.startswith(folder + os.sep) and file.endswith(".py")]
        names = {os.path.relpath(file, self.watch.folder) for file in own if ".venv" not in file}
        return {name: self.watch.digest(name) for name in names - {os.path.relpath(self.script.path)}}

    def _logged(self, order: Mapping[str, Any], work: Any) -> dict[str, Any]:
        """Send what is printed to the step's files meanwhile."""
        flush()
        for number, path in ((1, order["out"]), (2, order["err"])):
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(opened, number)
            os.close(opened)
        try:
            answer: dict[str, Any] = work()
        finally:
            flush()
        return answer


@contextmanager
def _told(told: list[str]) -> Iterator[None]:
    """List the warnings that are shown meanwhile."""
    shown = warnings.showwarning

    def show(message: Any, category: Any, *where: Any, **more: Any) -> None:
        if len(told) < _MOST_WARNINGS:
            told.append(f"{category.__name__}: {message}")
        shown(message, category, *where, **more)

    warnings.showwarning = show
    try:
        yield
    finally:
        if warnings.showwarning is show:
            warnings.showwarning = shown


def _described(error: BaseException, path: str) -> dict[str, str]:
    """Write an error as text, its traceback from the script on."""
    trace = error.__traceback__
    while trace is not None and trace.tb_frame.f_code.co_filename != path:
        trace = trace.tb_next
    written = "".join(traceback.format_exception(type(error), error, trace or error.__traceback__))
    return {
        "kind": type(error).__name__,
        "text": "".join(traceback.format_exception_only(error)).strip(),
        "traceback": written.rstrip(),
    }


def _effects(order: Mapping[str, Any]) -> Effects:
    wanted = None if order["wanted"] is None else frozenset(order["wanted"])
    passing = None if order["passing"] is None else frozenset(order["passing"])
    return Effects(frozenset(order["bound"]), frozenset(order["changed"]), order["anything"], wanted, passing)


def _flags(script: Script) -> int:
    import __future__

    return sum(getattr(__future__, name).compiler_flag for name in set(script.pipeline.preamble.futures))


def _imported(nodes: list[ast.stmt]) -> list[str]:
    """List the modules that code imports, in its order."""
    found: list[str] = []
    for top in nodes:
        for node in ast.walk(top):
            if isinstance(node, ast.Import):
                found += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return list(dict.fromkeys(found))
