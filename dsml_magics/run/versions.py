"""Versions of the packages a script imports: what one release wrote, another may read as something else."""

import sys
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, packages_distributions, version

_BENEATH = ("numpy", "scipy", "cloudpickle")
"""Packages whose objects are in those of others."""


def versions_of(imported: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of the packages behind imported modules, where they are installed."""
    modules = sorted({*imported, *_BENEATH} - set(sys.stdlib_module_names))
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    return found | {name: installed for name in modules if (installed := _version(name))}


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Tell the first that is another one now, as ``pandas 2.2.3 became 3.1.1``; nothing where none is."""
    differing = [name for name, version in then.items() if now.get(name, version) != version]
    return f"{differing[0]} {then[differing[0]]} became {now[differing[0]]}" if differing else ""


@cache
def _version(module: str) -> str:
    try:
        return version(module)
    except PackageNotFoundError:
        # Some distributions have another name than their module; to know all of them takes a while.
        names = _distributions().get(module, ())
        return version(names[0]) if names else ""


@cache
def _distributions() -> Mapping[str, list[str]]:
    return packages_distributions()
