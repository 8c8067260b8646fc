"""Which packages this release reads."""

from collections.abc import Mapping
from typing import Any

from dsml_magics.errors import PackageAltered, PackageTooNew
from dsml_magics.version import __version__

FORMAT = 2
"""1: input.json and baseline.json, without a contract. 2: contract.json, baseline.profile, case."""
_KEYS_OF_FORMAT_1 = {"schema", "files"}


def check_format(content: Mapping[str, Any]) -> int:
    """Return the format of a package, by its manifest.

    Raises
    ------
    PackageAltered
        It says no format that ever was.
    PackageTooNew
        A later release made it; the message says which.
    """
    if "format" not in content and set(content) == _KEYS_OF_FORMAT_1:
        return 1
    found = content.get("format")
    if isinstance(found, bool) or not isinstance(found, int) or found < 2:
        raise PackageAltered(
            f"Expected a manifest with a format from 2 to {FORMAT}, got {str(found)[:40]!r}. Deploy it again."
        )
    if found <= FORMAT:
        return found
    made_by = str(content.get("made_by", "a later release"))[:40]
    raise PackageTooNew(
        f"Expected a package of format {FORMAT} or earlier, got {found}, made by dsml_magics {made_by}; this is "
        f"{__version__}. Install it: pip install 'dsml-magics>={made_by}'."
    )
