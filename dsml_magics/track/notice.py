"""What recording has to say to the user: a plain line, in the cell that it is about."""

import sys
from collections.abc import Callable
from typing import TypeVar

from dsml_magics.errors import DsmlError

T = TypeVar("T")


def show_notice(line: str) -> None:
    """Show a line: in a notebook on the output, which is plain there; elsewhere on the errors, as scripts read the output."""
    stream = sys.stdout if "ipykernel.kernelapp" in sys.modules else sys.stderr
    if stream is not None:
        stream.write(f"dsml: {line}\n")
        stream.flush()


def reason_of(error: BaseException) -> str:
    """Say what went wrong: our own errors speak for themselves, others begin with their kind."""
    if isinstance(error, DsmlError):
        return str(error)
    try:
        return f"{type(error).__name__}: {error}"[:500]
    except Exception:  # noqa: BLE001  an error of the user may not be able to write itself
        return type(error).__name__


def attempt(look: Callable[[], T], what: str, said: list[str]) -> T | None:
    """Look at something of the user's, which may raise anything when it is looked at; say what could not be."""
    try:
        return look()
    except Exception as error:  # noqa: BLE001  recording must not change what the block does
        said.append(f"{what}: {reason_of(error)}")
        return None
