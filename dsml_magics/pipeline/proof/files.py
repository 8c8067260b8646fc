"""The files a run wrote: which, and what is in them."""

import gzip
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from dsml_magics.pipeline.proof.contents import Contents
from dsml_magics.pipeline.proof.description import Description, digest

_LEFT = ("__pycache__", ".ipynb_checkpoints", ".ipython", ".cache")
_LARGEST = 2**30


Stamps = Mapping[str, tuple[int, int, int]]
"""When a file was last written, how large it is and which it is, by path."""


def stamps(root: Path, folder: Path) -> Stamps:
    """Look at the files under `root`, named by their paths from a folder there, without reading them."""
    found: dict[str, tuple[int, int, int]] = {}
    for here, folders, names in os.walk(root):
        folders[:] = [name for name in folders if name not in _LEFT]
        for name in sorted(names):
            path = Path(here, name)
            facts = path.lstat()
            found[os.path.relpath(path, folder)] = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
    return found


def written(before: Stamps, root: Path, folder: Path, contents: Contents) -> dict[str, Description]:
    """Describe the files that are new or were written since, and name those that are gone."""
    after = stamps(root, folder)
    changed = {
        name: _content(folder / name, contents) for name, stamp in after.items() if before.get(name) != stamp
    }
    return changed | {name: ("leaf", "file", "deleted") for name in before if name not in after}


def _content(path: Path, contents: Contents) -> Description:
    try:
        if path.is_symlink():
            return ("leaf", "link", os.fspath(path.readlink()))
        if not path.is_file() or path.stat().st_size > _LARGEST:
            return ("opaque", "a file larger than is compared" if path.is_file() else "no plain file")
        return _described(path, contents)
    except OSError as error:
        return ("opaque", f"a file that cannot be read ({error.strerror})")


def _described(path: Path, contents: Contents) -> Description:
    """Describe a file by its bytes; archives without the times they note."""
    try:
        if path.suffix == ".gz":
            return _data("gzip", gzip.decompress(path.read_bytes()), contents)
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                members = [(each.filename, each.CRC, each.file_size) for each in archive.infolist()]
            return (
                "parts",
                "archive",
                {f" {name}": ("leaf", "member", f"{size} {crc}") for name, crc, size in members},
            )
    except (OSError, EOFError, zipfile.BadZipFile):
        pass
    return _data("file", path.read_bytes(), contents)


def _data(kind: str, content: bytes, contents: Contents) -> Description:
    known = digest(content)
    contents.keep(known, content)
    return ("data", kind, f"{len(content)} bytes ({known})", known, ("file",))
