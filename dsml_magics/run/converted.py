"""The script of a notebook that is run: beside the notebook, where it never replaces what somebody else wrote."""

from pathlib import Path

from dsml_magics.errors import FileNotWritten
from dsml_magics.files import write_text
from dsml_magics.pipeline.sections import Script
from dsml_magics.run.digest import digest_of


def save_converted(script: Script) -> None:
    """Write a converted script, and note that it is ours.

    Raises
    ------
    FileNotWritten
        There is a file of this name that was written, or changed, by someone else.
    """
    note = script.path.parent / ".dsml" / script.path.stem / "converted"
    there = _text_of(script.path)
    if there not in (None, script.text) and _text_of(note) != digest_of(there or ""):
        raise FileNotWritten(
            f"Expected to write the script of {script.path.stem}.ipynb to {str(script.path)!r}, but that file was "
            f"written or changed by hand. Run it with `dsml run {script.path.name}`, or give it another name."
        )
    write_text(script.path, script.text)
    try:
        note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise FileNotWritten(f"Cannot write {str(note)!r}: {error.strerror}.") from None
    write_text(note, digest_of(script.text))


def _text_of(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "surrogateescape")
    except OSError:
        return None
