"""Write the views of a profile to files."""

import os

from dsml_magics.files import write_text
from dsml_magics.profile.value import Profile


def save(
    profile: Profile, *, html: str | os.PathLike[str] | None, json: str | os.PathLike[str] | None
) -> None:
    """Write the views that were asked for."""
    if html is not None:
        profile.to_html(html)
    if json is not None:
        profile.to_json(json)


def saved(text: str, path: str | os.PathLike[str] | None) -> str:
    """Return the text, after writing it to `path` if that is given."""
    if path is not None:
        write_text(path, text)
    return text
