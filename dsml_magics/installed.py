"""Which installed distribution a module is of, and what a distribution needs."""

import sys
from contextlib import suppress
from functools import cache
from importlib import metadata

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

_NAMES = {"sklearn": "scikit-learn", "skimage": "scikit-image", "imblearn": "imbalanced-learn"}


@cache
def distribution_of(root: str) -> str | None:
    """Name the installed distribution that a top-level module is of, None if it is of none."""
    if root in sys.stdlib_module_names or root in ("__main__", "__mp_main__"):
        return None
    # Reading what all distributions hold takes a third of a second: those of the usual name are asked first.
    with suppress(metadata.PackageNotFoundError):
        found = metadata.distribution(_NAMES.get(root, root))
        if f"\n{root}/" in "\n" + (found.read_text("RECORD") or ""):
            return str(found.metadata["Name"])
    return next(iter(metadata.packages_distributions().get(root, ())), None)


@cache
def required_by(distribution: str) -> frozenset[str]:
    """Name, in canonical form, what an installed distribution needs, directly or not."""
    found, waiting = set[tuple[str, str]](), [(distribution, "")]
    while waiting:
        name, extra = waiting.pop()
        for needed in map(Requirement, _requirements(name)):
            if needed.marker is None or needed.marker.evaluate({"extra": extra}):
                more = {(canonicalize_name(needed.name), each) for each in ("", *needed.extras)} - found
                found |= more
                waiting += more
    return frozenset(name for name, _ in found)


def _requirements(name: str) -> list[str]:
    try:
        return metadata.requires(name) or []
    except metadata.PackageNotFoundError:
        return []
