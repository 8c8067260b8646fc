"""The versions a package was made with, compared with those installed here."""

import re
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_PIN = re.compile(r"([\w.-]+)(?:\[[^]]*\])?==([^;\s]+)")


def mismatched(folder: Path) -> list[str]:
    """Tell the packages that are missing, or not as they were, as ``pandas 2.2.3 (here 3.1.1)``."""
    try:
        lines = (folder / "requirements.txt").read_text(encoding="utf-8").splitlines()
    except OSError:
        return []
    pins = [found.groups() for line in lines if (found := _PIN.match(line.strip()))]
    return [
        f"{name} {wanted} (here {here or 'missing'})"
        for name, wanted in pins
        if (here := _installed(name)).partition("+")[0] != wanted.partition("+")[0]
    ]


def _installed(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return ""
