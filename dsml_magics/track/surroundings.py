"""What was around a run: the commit of the folder, the packages, and the states of the random generators."""

import base64
import hashlib
import random
import re
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import Any

from dsml_magics.redaction import redact

_LONGEST_DIFF = 1_000_000
_DRAWING = frozenset({"numpy", "pandas", "sklearn", "scipy"})
"""Modules that import numpy."""


@dataclass(frozen=True)
class Commit:
    """The commit checked out here.

    Attributes
    ----------
    dirty
        Whether files differ from it, or are new.
    diff
        Of the tracked files, as a patch; without its secrets.
    root
        This folder, below the repository's.
    """

    commit: str
    dirty: bool
    diff: str = ""
    root: str = ""


def commit() -> Commit | None:
    """Ask git for the commit checked out here; None outside a repository."""
    head = _git("rev-parse", "HEAD")
    if head is None:
        return None
    dirty = bool((_git("status", "--porcelain") or "").strip())
    diff = (_git("diff", "HEAD", "--no-color", "--no-ext-diff") or "") if dirty else ""
    if len(diff) > _LONGEST_DIFF:
        diff = diff[:_LONGEST_DIFF] + "\n[cut]\n"
    return Commit(
        head.strip(), dirty, _redact_patch(diff), (_git("rev-parse", "--show-prefix") or "").strip()
    )


def _redact_patch(diff: str) -> str:
    """Hide secrets file by file: in Python, what stands without quotes is none."""
    files = re.split(r"(?m)^(?=diff --git )", diff)
    return "".join(redact(each, code=each.partition("\n")[0].endswith(".py")) for each in files)


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.decode(errors="replace") if done.returncode == 0 else None


def packages() -> dict[str, str]:
    """List the distributions whose modules are imported, with their versions."""
    loaded = {name.partition(".")[0] for name in list(sys.modules)} - set(sys.stdlib_module_names)
    known = _distributions()
    if any(name not in known for name in loaded if not name.startswith("_")):
        _distributions.cache_clear()  # something was installed meanwhile
        known = _distributions()
    found = {distribution for name in loaded for distribution in known.get(name, ())}
    return {name: version for name in sorted(found) if (version := _version(name))}


@cache
def _distributions() -> Mapping[str, list[str]]:
    from importlib.metadata import packages_distributions

    return packages_distributions()


@cache
def _version(distribution: str) -> str | None:
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version(distribution)
    except PackageNotFoundError:
        return None


def random_states(imported: Iterable[str] = ()) -> dict[str, Any]:
    """Take down the states of the global random generators there are, as plain values.

    Parameters
    ----------
    imported
        Modules that the code to come imports: numpy's generator is seeded when it is imported.
    """
    if not _DRAWING.isdisjoint(imported):
        import_module("numpy.random")
    version, state, gauss = random.getstate()
    found: dict[str, Any] = {"python": [version, list(state), gauss]}
    if numpy := sys.modules.get("numpy.random"):
        kind, keys, position, has_gauss, cached = numpy.get_state(legacy=True)
        found["numpy"] = [str(kind), keys.tolist(), int(position), int(has_gauss), float(cached)]
    torch = sys.modules.get("torch")
    if torch is not None and hasattr(torch, "get_rng_state"):
        found["torch"] = base64.b64encode(bytes(torch.get_rng_state().tolist())).decode()
    return found


def restore(states: Mapping[str, Any]) -> None:
    """Set the random generators to what `random_states` took down; libraries among them are imported."""
    if "python" in states:
        version, state, gauss = states["python"]
        random.setstate((version, tuple(state), gauss))
    if "numpy" in states:
        import numpy as np

        kind, keys, *rest = states["numpy"]
        np.random.set_state((kind, np.array(keys, np.uint32), *rest))  # noqa: NPY002  the one that scripts seed
    if "torch" in states:
        import torch

        torch.set_rng_state(torch.tensor(list(base64.b64decode(states["torch"])), dtype=torch.uint8))


def digest_of_text(text: str) -> str:
    """Return the SHA-256 of a text, its trailing blank space aside."""
    return hashlib.sha256(text.rstrip().encode(errors="backslashreplace")).hexdigest()
