"""The notebook session that a block runs in: its cell, and the cells before."""

import hashlib
import sys
from dataclasses import dataclass
from typing import Any

_CELLS = 1000


@dataclass(frozen=True)
class Session:
    """Where in a notebook's session a block runs; empty in a script.

    Attributes
    ----------
    cell_id
        Of the notebook's cell, where the frontend tells it.
    count
        The execution count of the cell.
    history
        The cells executed so far, with this one: execution count and SHA-256 of the source; the last thousand.
    """

    cell_id: str | None = None
    count: int | None = None
    history: tuple[tuple[int, str], ...] = ()

    @classmethod
    def now(cls) -> "Session":
        """Ask IPython, if it runs."""
        shell = _shell()
        if shell is None:
            return cls()
        # Looked up in the kernel's message: IPython keeps no id of the cell.
        parent = shell.get_parent() if hasattr(shell, "get_parent") else {}
        cell_id = parent.get("metadata", {}).get("cellId") if isinstance(parent, dict) else None
        inputs = list(enumerate(shell.history_manager.input_hist_raw))[1:][-_CELLS:]
        history = tuple((count, hashlib.sha256(text.rstrip().encode()).hexdigest()) for count, text in inputs)
        # Releases of IPython count on before or after a cell: its place in the history is the same in all.
        count = history[-1][0] if history else None
        return cls(str(cell_id) if cell_id else None, count, history)


def _shell() -> Any:
    if "IPython" not in sys.modules:
        return None
    from IPython.core.getipython import get_ipython

    return get_ipython()
