"""Open a notebook file and refuse what cannot become a script, in one clear line."""

import json
import os
from pathlib import Path
from typing import Any

from dsml_magics.errors import NotebookError, hint

_LANGUAGES = (("language_info", "name"), ("kernelspec", "language"))


def open_notebook(path: str | os.PathLike[str]) -> Any:
    """Read a notebook of format 4 as plain values, the source of each cell one text.

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
    except (ValueError, RecursionError) as error:
        what = f"is not JSON ({error})" if text.strip() else "is empty"
        raise NotebookError(f"Expected a notebook, but {name!r} {what}.") from None


def _node(content: dict[str, Any], name: str) -> dict[str, Any]:
    """Join the lines that a file keeps one by one.

    nbformat would do it, too, but brings a second of imports for a schema that is not asked.
    """
    cells = content.get("cells", [])
    if not isinstance(cells, list) or not all(isinstance(cell, dict) for cell in cells):
        raise NotebookError(
            f"Expected a notebook, but {name!r} is damaged: its `cells` are no list of cells."
        )
    for number, part in enumerate([content, *cells]):
        if not _has_metadata(part):
            where = f"cell {number} of {name!r}" if number else repr(name)
            raise NotebookError(f"Expected a notebook, but {where} is damaged: its metadata cannot be read.")
    return {**content, "cells": [{"metadata": {}, **cell, **_joined(cell)} for cell in cells]}


def _has_metadata(part: dict[str, Any]) -> bool:
    metadata = part.get("metadata", {})
    if not isinstance(metadata, dict):
        return False
    tags = metadata.get("tags", [])
    inner = [metadata.get(key) for key, _ in _LANGUAGES]
    is_tagged = isinstance(tags, list) and all(isinstance(tag, str) for tag in tags)
    return is_tagged and all(each is None or isinstance(each, dict) for each in inner)


def _joined(cell: dict[str, Any]) -> dict[str, str]:
    source = cell.get("source")
    is_lines = isinstance(source, list) and all(isinstance(line, str) for line in source)
    return {"source": "".join(source)} if is_lines and isinstance(source, list) else {}
