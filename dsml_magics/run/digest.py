"""Digests of content: fast ones, that tell whether something changed, not whether somebody forged it."""

from pathlib import Path
from typing import Any

import xxhash

_LARGEST = 1 << 30
_PART = 1 << 22


def digest_of(*contents: Any) -> str:
    """Return a digest of bytes, texts and buffers in their order (XXH3, 128 bits)."""
    state = xxhash.xxh3_128()
    for content in contents:
        part = content.encode("utf-8", "surrogatepass") if isinstance(content, str) else content
        # Lengths keep what follows each other apart.
        state.update(memoryview(part).nbytes.to_bytes(8, "little"))
        state.update(part)
    return str(state.hexdigest())


def digest_of_file(path: Path) -> str:
    """Return a digest of a file's content; of one larger than 1 GiB, of its size and time alone.

    Raises
    ------
    OSError
        It cannot be read.
    """
    facts = path.stat()
    if facts.st_size > _LARGEST:
        return f"{facts.st_size} bytes of {facts.st_mtime_ns}"
    state = xxhash.xxh3_128()
    with path.open("rb") as file:
        while part := file.read(_PART):
            state.update(part)
    return str(state.hexdigest())
