"""What was changed while a table was opened, for commands whose value does not say it."""

import sys

from dsml_magics.frames.table import Table
from dsml_magics.profile.language import say


def print_notes(table: Table) -> None:
    """Write a table's notes to standard error, a line each."""
    for note in table.notes:
        sys.stderr.write(f"dsml: {say(f'note.{note.code}', note.values)}\n")
