"""Which packages this release reads."""

from collections.abc import Mapping
from typing import Any

from dsml_magics.errors import PackageTooNew
from dsml_magics.version import __version__

FORMAT = 2
"""1: input.json and baseline.json, without a contract. 2: contract.json, baseline.profile, case."""


def check_format(content: Mapping[str, Any]) -> int:
    """Return the format of a package, by its manifest.

    Raises
    ------
    PackageTooNew
        A later release made it; the message says which.
    """
    found = content.get("format", 1)
    if not isinstance(found, int) or found <= FORMAT:
        return FORMAT if not isinstance(found, int) else found
    made_by = str(content.get("made_by", "a later release"))[:40]
    raise PackageTooNew(
        f"Expected a package of format {FORMAT} or earlier, got {found}, made by dsml_magics {made_by}; this is "
        f"{__version__}. Install it: pip install 'dsml-magics>={made_by}'."
    )
