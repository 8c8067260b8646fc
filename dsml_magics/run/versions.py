"""Versions of the packages a script imports: what one release wrote, another may read as something else."""

import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import version
from importlib.util import find_spec

from dsml_magics.installed import distribution_of

_BENEATH = ("numpy", "scipy", "cloudpickle")
"""Packages whose objects are in those of others."""


def versions_of(imported: Iterable[str]) -> dict[str, str]:
    """Return the versions of Python and of the packages behind imported modules, where they are installed."""
    # To find out that a module is of no distribution would take long, so those that are not here are left out.
    roots = [root for root in (*imported, *_BENEATH) if find_spec(root) is not None]
    names = {distribution_of(root) for root in roots}
    found = {"python": ".".join(map(str, sys.version_info[:3]))}
    return found | {name: version(name) for name in sorted(filter(None, names))}


def changed(then: Mapping[str, str], now: Mapping[str, str]) -> str:
    """Tell the first that is another one now, as ``pandas 2.2.3 became 3.1.1``; nothing where none is."""
    differing = [name for name, version in then.items() if now.get(name, version) != version]
    return f"{differing[0]} {then[differing[0]]} became {now[differing[0]]}" if differing else ""
