"""What steps print, in files, and shown as it comes."""

import codecs
import json
import os
import sys
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TextIO

from dsml_magics.redaction import redact

_MOST = 64 << 20
"""Bytes of a log that are kept for certain."""


@dataclass
class Log:
    """The files of one step: ``.out`` and ``.err``, and ``.json`` with what it cost and the warnings it gave."""

    folder: Path
    name: str
    _followed: dict[str, "_Tail"] = field(default_factory=dict)

    @property
    def out(self) -> Path:
        return self.folder / f"{self.name}.out"

    @property
    def err(self) -> Path:
        return self.folder / f"{self.name}.err"

    def put_facts(self, facts: Mapping[str, Any]) -> None:
        """Write down what became of the step."""
        (self.folder / f"{self.name}.json").write_text(json.dumps(facts, indent=1), encoding="utf-8")

    def follow(self) -> None:
        """Show what came since, and cut what is too long."""
        for path, stream in ((self.out, sys.stdout), (self.err, sys.stderr)):
            self._followed.setdefault(path.name, _Tail(path)).show(stream)

    def redact(self, secrets: Collection[str]) -> None:
        """Hide what a step that has ended has printed of `secrets`, and of others that are known by name or shape."""
        if self._followed:
            self.follow()
        for path in (self.out, self.err):
            with suppress(OSError):
                text = path.read_bytes().decode("utf-8", "surrogateescape")
                if (hidden := redact(text, secrets)) != text:
                    path.write_bytes(hidden.encode("utf-8", "surrogateescape"))
                if path.name in self._followed:
                    self._followed[path.name].at = path.stat().st_size

    def tail(self, lines: int = 20) -> str:
        """Return the last lines of what went to standard error."""
        with suppress(OSError), self.err.open("rb") as file:
            file.seek(max(0, self.err.stat().st_size - 20_000))
            return "\n".join(file.read().decode("utf-8", "replace").splitlines()[-lines:])
        return ""


@dataclass
class _Tail:
    path: Path
    at: int = 0
    decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )

    def show(self, stream: TextIO) -> None:
        with suppress(FileNotFoundError):
            size = self.path.stat().st_size
            self.at = min(self.at, size)
            if size > self.at:
                with self.path.open("rb") as file:
                    file.seek(self.at)
                    while part := file.read(1 << 20):
                        self.at += len(part)
                        stream.write(self.decoder.decode(part))
                stream.flush()
            if size > 2 * _MOST:
                # The step appends to it, so it goes on behind what is kept.
                os.truncate(self.path, _MOST)
                self.at = _MOST
