"""IPython magics that carry a data science and machine learning project from the notebook to production.

``import dsml_magics as dsml`` gives every command as a function; ``%load_ext dsml_magics`` as a magic;
the shell has ``dsml``. Importing this package imports no heavy library.
"""

from typing import TYPE_CHECKING

# The functions stand after their folders of the same name were imported, and so take the name.
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
from dsml_magics.version import __version__
from dsml_magics.versions import models, promote, rollback

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

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


def load_ipython_extension(shell: "InteractiveShell") -> None:
    """Register every command as a magic: ``%load_ext dsml_magics``."""
    from dsml_magics.notebook.extension import load

    load(shell)


def unload_ipython_extension(shell: "InteractiveShell") -> None:
    """Take the magics away again: ``%unload_ext dsml_magics``."""
    from dsml_magics.notebook.extension import unload

    unload(shell)
