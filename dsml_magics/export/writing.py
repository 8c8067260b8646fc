"""Files written to a folder all or none, over nothing that is the user's own."""

import hashlib
import json
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path

from dsml_magics.errors import FileNotWritten
from dsml_magics.files import replacing

RECORD = ".dsml-export.json"
"""What was written to a folder: the SHA-256 of each file by job and name."""


def write_all(folder: Path, files: Mapping[str, str], *, job: str) -> None:
    """Write files of a job, given by their names as seen from the folder.

    Raises
    ------
    FileNotWritten
        The folder is a file or cannot be written, or a file in the way is not one that was written for this job before.
    """
    written = _record(folder)
    own = written.get(job, {})
    for name, text in files.items():
        _check_own(folder, name, text, own)
    hashes = {name: _hash(text.encode()) for name, text in files.items()}
    record = json.dumps({**written, job: {**own, **hashes}}, indent=2, sort_keys=True) + "\n"
    _make_folders(folder, files)
    with ExitStack() as stack:
        for name, text in {**files, RECORD: record}.items():
            temporary = stack.enter_context(replacing(folder / name))
            temporary.write_text(text, encoding="utf-8", newline="\n")


def _record(folder: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads((folder / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _check_own(folder: Path, name: str, text: str, own: Mapping[str, str]) -> None:
    path = folder / name
    if not path.exists() or path.is_dir():
        return
    found = _hash(path.read_bytes())
    if found not in (own.get(name), _hash(text.encode())):
        raise FileNotWritten(
            f"Expected to replace only files an export of this job wrote, but {str(path)!r} is another's or was edited. "
            "Move it away, or give another folder with --to. Nothing was written."
        )


def _make_folders(folder: Path, files: Mapping[str, str]) -> None:
    for path in {(folder / name).parent for name in files}:
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileNotWritten(f"Expected a folder at {str(path)!r}, but: {error.strerror}.") from None


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
