"""Open a notebook file and refuse what cannot become a script, in one clear line."""

import json
import os
from pathlib import Path
from typing import Any

from dsml_magics.errors import NotebookError, hint

_LANGUAGES = (("language_info", "name"), ("kernelspec", "language"))


def open_notebook(path: str | os.PathLike[str]) -> Any:
    """Read a notebook of format 4 as an nbformat node.

    Raises
    ------
    NotebookError
        The file is missing, is no notebook, or is one of another format.
    """
    content = _parsed(_text_of(Path(path).expanduser()), str(path))
    if not isinstance(content, dict) or "nbformat" not in content:
        raise NotebookError(f"Expected a notebook, but {str(path)!r} is other JSON: it has no `nbformat`.")
    if content["nbformat"] != 4:
        raise NotebookError(
            f"Expected notebook format 4, got {content['nbformat']} in {str(path)!r}. "
            "Open it in JupyterLab and save it, or run `jupyter nbconvert --to notebook` on it."
        )
    return _node(content, str(path))


def check_notebook(node: Any, name: str) -> None:
    """Refuse a notebook of another language, and a damaged one; one that does not say is taken for Python.

    Raises
    ------
    NotebookError
        Its kernel is not a Python kernel, or a cell lacks its type or source.
    """
    metadata = node.get("metadata") or {}
    said = [(metadata.get(key) or {}).get(word) for key, word in _LANGUAGES]
    language = next((str(found) for found in said if found), "python")
    if language.lower() not in ("python", "ipython"):
        raise NotebookError(
            f"Expected a Python notebook, got {language} in {name!r}: only Python can be converted."
        )
    for number, cell in enumerate(node.get("cells") or (), start=1):
        if not isinstance(cell.get("source"), str) or "cell_type" not in cell:
            raise NotebookError(f"Expected a notebook, but cell {number} of {name!r} has no type or source.")


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotebookError(f"No notebook {str(path)!r}. {_notebooks_beside(path)}") from None
    except IsADirectoryError:
        raise NotebookError(f"Expected a notebook, but {str(path)!r} is a folder.") from None
    except UnicodeDecodeError:
        raise NotebookError(f"Expected a notebook, but {str(path)!r} is not UTF-8 text.") from None
    except OSError as error:
        raise NotebookError(f"Cannot read {str(path)!r}: {error.strerror}.") from None


def _notebooks_beside(path: Path) -> str:
    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r}."
    return hint(path.name, sorted(found.name for found in path.parent.glob("*.ipynb")))


def _parsed(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except ValueError as error:
        what = f"is not JSON ({error})" if text.strip() else "is empty"
        raise NotebookError(f"Expected a notebook, but {name!r} {what}.") from None


def _node(content: Any, name: str) -> Any:
    from nbformat.v4 import to_notebook_json

    try:
        return to_notebook_json(content)
    except (AttributeError, KeyError, TypeError) as error:
        raise NotebookError(f"Expected a notebook, but {name!r} is damaged: {error}.") from None
