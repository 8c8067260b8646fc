"""What a script needs to run elsewhere: pinned packages, and the user's own modules beside it."""

import re
import sys
from collections.abc import Iterable, Mapping
from importlib import metadata
from pathlib import Path, PurePosixPath

from dsml_magics.command.tree import tree_of
from dsml_magics.errors import NotebookError
from dsml_magics.installed import distribution_of
from dsml_magics.pipeline.names import names_of
from dsml_magics.version import __version__

_OURS = "dsml_magics"
_STORES = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "az": "adlfs",
}


def modules_beside(imported: Iterable[str], folder: Path) -> dict[str, str]:
    """Read the files of modules that a script imports from its own folder, and those that they import.

    Raises
    ------
    NotebookError
        One is no Python.
    """
    found: dict[str, str] = {}
    waiting = sorted(imported)
    while waiting:
        root = waiting.pop()
        for path in _files_of(root, folder):
            name = path.relative_to(folder).as_posix()
            if name not in found:
                found[name] = _read(path)
                waiting += sorted(_imported(found[name]))
    return found


def packages_of(imported: Iterable[str], modules: Mapping[str, str]) -> frozenset[str]:
    """List what a script and the modules beside it import from elsewhere."""
    own = {PurePosixPath(name).parts[0].removesuffix(".py") for name in modules}
    return frozenset(imported).union(*map(_imported, modules.values())) - own


def _imported(source: str) -> frozenset[str]:
    return frozenset(names_of([(0, tree_of(source))]).sources)


def _files_of(root: str, folder: Path) -> list[Path]:
    if (folder / f"{root}.py").is_file():
        return [folder / f"{root}.py"]
    package = folder / root
    return sorted(package.rglob("*.py")) if (package / "__init__.py").is_file() else []


def _read(path: Path) -> str:
    try:
        text = path.read_text(encoding="utf-8")
        tree_of(text)
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError) as error:
        raise NotebookError(f"Expected a Python module at {str(path)!r}, but: {error}.") from None
    return text


def requirements_of(imported: Iterable[str], asked: Iterable[str], state: str | None) -> tuple[str, ...]:
    """Pin the packages of imported modules as they are installed here; those that are not stay without a version.

    Parameters
    ----------
    imported
        Top-level modules, without the user's own.
    asked
        Requirements of the notebook's ``%pip install``.
    state
        A URL may need a package to be reached.
    """
    names = {distribution_of(root) for root in imported if root != _OURS}
    pinned = {"dsml-magics": f"dsml-magics=={__version__}"}
    if store := _STORES.get((state or "").partition("://")[0]):
        names.add(store)
    missing = [root for root in imported if root != _OURS and _is_unknown(root)]
    for name in [*sorted(filter(None, names)), *missing]:
        pinned.setdefault(_key(name), _pinned(name))
    for requirement in asked:
        pinned.setdefault(_key(_name_of(requirement)), requirement)
    return tuple(sorted(pinned.values(), key=str.casefold))


def _is_unknown(root: str) -> bool:
    return root not in sys.stdlib_module_names and distribution_of(root) is None


def _pinned(name: str) -> str:
    try:
        # What follows a plus, as in 2.4+cpu, is no release of the index.
        return f"{name}=={metadata.version(name).partition('+')[0]}"
    except metadata.PackageNotFoundError:
        return name


def _name_of(requirement: str) -> str:
    return re.split(r"[^\w.-]", requirement.strip())[0]


def _key(name: str) -> str:
    return name.casefold().replace("_", "-").replace(".", "-")
