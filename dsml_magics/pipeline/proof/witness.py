"""What runs inside a notebook's kernel or a script's process: it writes down what the names ended as."""

import pickle
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from dsml_magics.pipeline.proof.contents import Contents
from dsml_magics.pipeline.proof.description import described
from dsml_magics.pipeline.proof.saved import saved_models

_OF_SESSION = frozenset(("In", "Out", "get_ipython", "exit", "quit", "open"))


def of_kernel(path: str, root: str) -> None:
    """Write down the variables of the kernel this runs in."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    hidden = shell.user_ns_hidden
    names = {
        name: value for name, value in shell.user_ns.items() if not (name in hidden and hidden[name] is value)
    }
    write(path, root, names)


def write(path: str, root: str, names: Mapping[str, Any], left: Collection[str] = ()) -> None:
    """Describe variables, and the models that were saved, into a file; some are `left` out."""
    left = {*left, *_OF_SESSION}
    own = {
        name: value
        for name, value in names.items()
        if not name.startswith("__") and not _is_history(name) and name not in left
    }
    contents = Contents(contents_of(path))
    said = {"names": described(own, (root,), contents), "saved": saved_models(root, contents)}
    # Built-in values only: whoever reads it runs nothing of the notebook.
    Path(path).write_bytes(pickle.dumps(said))


def contents_of(path: str) -> Path:
    """Tell where the long values of what is written to a path are."""
    return Path(f"{path}.contents")


def _is_history(name: str) -> bool:
    rest = name.lstrip("_")
    return name.startswith("_") and (
        not rest
        or rest in ("i", "ii", "iii", "ih", "oh", "dh", "exit_code")
        or rest.isdigit()
        or (rest[0] == "i" and rest[1:].isdigit())
    )
