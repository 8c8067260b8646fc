"""What a container needs to run `dsml serve`: the wheel of this release, and the versions of all that it needs."""

import re
import sys
from collections.abc import Iterable
from functools import lru_cache
from importlib import metadata
from pathlib import Path

from dsml_magics.deploy.wheel import build_wheel, wheel_name

SERVER = "dsml/server"
"""Where a package has them."""
CONSTRAINTS = "constraints.txt"
_NAME = re.compile(r"[A-Za-z0-9._-]+")


def write_server(folder: Path, requirements: Iterable[str]) -> None:
    """Write the wheel, and the installed versions of what it and `requirements` need, into a new folder.

    Parameters
    ----------
    requirements
        Those of the model, as ``name==version``; their own versions are left to them.
    """
    folder.mkdir(parents=True)
    (folder / wheel_name()).write_bytes(build_wheel())
    names = {found[0] for line in requirements if (found := _NAME.match(line.strip()))}
    lines = "".join(f"{line}\n" for line in installed_versions({"dsml-magics", *names}, without=names))
    (folder / CONSTRAINTS).write_text(lines, encoding="utf-8", newline="\n")


def installed_versions(names: Iterable[str], *, without: Iterable[str] = ()) -> list[str]:
    """Pin the installed distributions that `names` need, directly or not, as ``name==version``, sorted."""
    return list(_installed_versions(frozenset(names), frozenset(without), _changes()))


def _changes() -> tuple[tuple[str, int], ...]:
    """List the folders of packages with the time of their last change: whatever is installed changes one."""
    return tuple((folder, Path(folder).stat().st_mtime_ns) for folder in sys.path if Path(folder).is_dir())


@lru_cache(maxsize=64)
def _installed_versions(
    names: frozenset[str], without: frozenset[str], _changed: tuple[tuple[str, int], ...]
) -> tuple[str, ...]:
    from packaging.requirements import Requirement
    from packaging.utils import canonicalize_name
    from packaging.version import Version

    waiting, found = [canonicalize_name(name) for name in names], dict[str, str]()
    while waiting:
        name = waiting.pop()
        try:
            distribution = metadata.distribution(name) if name not in found else None
        except metadata.PackageNotFoundError:
            continue
        if distribution is None:
            continue
        found[name] = Version(distribution.version).public
        needed = map(Requirement, distribution.requires or ())
        waiting += [
            canonicalize_name(each.name)
            for each in needed
            if each.marker is None or each.marker.evaluate({"extra": ""})
        ]
    left_out = {"dsml-magics", *map(canonicalize_name, without)}
    return tuple(sorted(f"{name}=={version}" for name, version in found.items() if name not in left_out))
