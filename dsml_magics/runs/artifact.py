"""The files of a run that track wrote."""

import json
from pathlib import Path
from typing import Any

from dsml_magics.ledger.store import open_ledger
from dsml_magics.runs.run import Run


class Artifacts:
    """The ``dsml/`` files of a run, brought here at once."""

    def __init__(self, run: Run, folder: Path) -> None:
        self._root = folder / "dsml"
        # A run of another tool has none, which `text` and `facts` say by being empty.
        open_ledger().bring(run.id, "dsml", folder)

    def text(self, name: str) -> str:
        """Return a text, empty if there is none."""
        path = self._root / name
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""

    def content(self, name: str) -> bytes | None:
        """Return a file by its path in the ledger, such as ``dsml/profiles/x.profile``; None if there is none."""
        path = self._root.parent / name
        return path.read_bytes() if path.is_file() else None

    @property
    def facts(self) -> dict[str, Any]:
        """What ``cell.json`` says; nothing if there is none, or none that can be read."""
        try:
            found = json.loads(self.text("cell.json") or "{}")
        except ValueError:
            return {}
        return found if isinstance(found, dict) else {}
