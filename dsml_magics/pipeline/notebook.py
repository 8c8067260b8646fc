"""Open a notebook file and refuse what cannot become a script, in one clear line."""

import os
from pathlib import Path
from typing import Any

from dsml_magics.errors import NotebookError


def open_notebook(path: str | os.PathLike[str]) -> Any:
    """Read a notebook of format 4 as an nbformat node.

    Raises
    ------
    NotebookError
        The file is missing, is no notebook, or is one of an older format.
    """
    text = _text_of(Path(path).expanduser())
    node = _parsed(text, str(path))
    if "nbformat" not in node:
        raise NotebookError(f"Expected a notebook, but {str(path)!r} is JSON without `nbformat`.")
    if node["nbformat"] != 4:
        raise NotebookError(
            f"Expected notebook format 4, got {node['nbformat']} in {str(path)!r}. "
            "Open it in JupyterLab and save it, or run `jupyter nbconvert --to notebook` on it."
        )
    return node


def check_language(node: Any, name: str) -> None:
    """Refuse a notebook of another language; one that does not say is taken for Python.

    Raises
    ------
    NotebookError
        Its kernel is not a Python kernel.
    """
    metadata = node.get("metadata", {})
    said = (metadata.get("language_info", {}).get("name"), metadata.get("kernelspec", {}).get("language"))
    language = next((str(found) for found in said if found), "python")
    if language.lower() not in ("python", "ipython"):
        raise NotebookError(
            f"Expected a Python notebook, got {language} in {name!r}: only Python can be converted."
        )


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
    from dsml_magics.errors import hint

    if not path.parent.is_dir():
        return f"There is no folder {str(path.parent)!r}."
    return hint(path.name, sorted(found.name for found in path.parent.glob("*.ipynb")))


def _parsed(text: str, name: str) -> Any:
    import nbformat.reader

    try:
        return nbformat.reader.reads(text)
    except nbformat.reader.NotJSONError as error:
        what = "is empty" if not text.strip() else f"is not JSON ({error.__cause__})"
        raise NotebookError(f"Expected a notebook, but {name!r} {what}.") from None
    except (nbformat.ValidationError, nbformat.NBFormatError, AttributeError, KeyError, TypeError) as error:
        raise NotebookError(f"Expected a notebook, but {name!r} is none: {error}.") from None
