"""IPython magics that carry a data science and machine learning project from the notebook to production.

``import dsml_magics as dsml`` gives every command as a function; ``%load_ext dsml_magics`` as a magic;
the shell has ``dsml``. Importing this package imports no heavy library.
"""

import sys
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dsml_magics.command.registry import fill_from
from dsml_magics.version import __version__

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from dsml_magics.deploy import check, deploy, publish
    from dsml_magics.export import export
    from dsml_magics.pipeline import pipeline
    from dsml_magics.profile import profile
    from dsml_magics.profile.value import Profile
    from dsml_magics.run import jobs, run
    from dsml_magics.runs import compare, reproduce, runs
    from dsml_magics.score import predict
    from dsml_magics.serve import serve
    from dsml_magics.track import sync, track
    from dsml_magics.track.surroundings import restore
    from dsml_magics.verify import verify
    from dsml_magics.versions import models, promote, rollback

_HOMES = {
    "Profile": "profile.value",
    "check": "deploy",
    "compare": "runs",
    "deploy": "deploy",
    "export": "export",
    "jobs": "run",
    "models": "versions",
    "pipeline": "pipeline",
    "predict": "score",
    "profile": "profile",
    "promote": "versions",
    "publish": "deploy",
    "reproduce": "runs",
    "restore": "track.surroundings",
    "rollback": "versions",
    "run": "run",
    "runs": "runs",
    "serve": "serve",
    "sync": "track",
    "track": "track",
    "verify": "verify",
}
"""Where each public name is defined: it is loaded when it is asked for."""

__all__ = [
    "Profile",
    "__version__",
    "check",
    "compare",
    "deploy",
    "export",
    "jobs",
    "models",
    "pipeline",
    "predict",
    "profile",
    "promote",
    "publish",
    "reproduce",
    "restore",
    "rollback",
    "run",
    "runs",
    "serve",
    "sync",
    "track",
    "verify",
]


class _Package(ModuleType):
    """A package whose commands keep their names when folders of the same names are imported."""

    def __setattr__(self, name: str, value: object) -> None:
        if name not in _HOMES or not isinstance(value, ModuleType):
            super().__setattr__(name, value)


sys.modules[__name__].__class__ = _Package


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def _load_commands(name: str | None) -> None:
    """Import the folder that registers a command, or every one that registers some."""
    homes = {*_HOMES.values()} if name is None else {_HOMES[each] for each in {name} & _HOMES.keys()}
    for home in sorted(homes):
        import_module(f"{__name__}.{home}")


fill_from(_load_commands)


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register every command as a magic: ``%load_ext dsml_magics``."""
    from dsml_magics.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics away again: ``%unload_ext dsml_magics``."""
    from dsml_magics.notebook.extension import unload

    unload(shell)
