"""A wheel of this release, made from the files that are installed: no index has it, and a container must install it."""

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from functools import cache
from importlib import metadata
from pathlib import Path

_ROOT = Path(__file__).parents[1]
_LEFT_OUT = {"__pycache__", "labextension"}
"""What no server needs: caches, and what JupyterLab shows."""
_TIME = (1980, 1, 1, 0, 0, 0)
_WHEEL = "Wheel-Version: 1.0\nGenerator: dsml_magics\nRoot-Is-Purelib: true\nTag: py3-none-any\n"


def wheel_name() -> str:
    """Return the file name that installers expect of the wheel."""
    return f"{_name()}-py3-none-any.whl"


@cache
def build_wheel() -> bytes:
    """Build the wheel; equal files give equal bytes.

    Source: the binary distribution format, https://packaging.python.org/specifications/binary-distribution-format/.
    """
    content, record = io.BytesIO(), []
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in _files():
            archive.writestr(_entry(name), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
            record.append(f"{name},sha256={digest},{len(data)}\n")
        listing = f"{_name()}.dist-info/RECORD"
        archive.writestr(_entry(listing), "".join([*record, f"{listing},,\n"]))
    return content.getvalue()


def _name() -> str:
    return f"dsml_magics-{metadata.version('dsml-magics')}"


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _TIME)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


def _files() -> Iterator[tuple[str, bytes]]:
    """Give the files of the wheel, by their names in it."""
    for path in sorted(_ROOT.rglob("*")):
        if path.is_file() and _LEFT_OUT.isdisjoint(path.relative_to(_ROOT).parts):
            yield path.relative_to(_ROOT.parent).as_posix(), path.read_bytes()
    distribution = metadata.distribution("dsml-magics")
    for name in ("METADATA", "entry_points.txt"):
        yield f"{_name()}.dist-info/{name}", (distribution.read_text(name) or "").encode()
    yield f"{_name()}.dist-info/WHEEL", _WHEEL.encode()
