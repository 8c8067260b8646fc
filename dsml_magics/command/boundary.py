"""Errors of commands that are called as Python functions: they end in the line of the user."""

import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from types import TracebackType

from dsml_magics.errors import DsmlError

_OWN = __name__.partition(".")[0]


def shortened(error: DsmlError) -> DsmlError:
    """Take our own frames off an error, for scripts and for IPython."""
    if sys.excepthook is sys.__excepthook__:
        # The frame of the wrapper comes back as the error passes it: only who prints it can leave it out.
        sys.excepthook = _print_exception
    if not hasattr(error, "_render_traceback_"):
        error._render_traceback_ = partial(_render, error)  # type: ignore[attr-defined]
    return error.with_traceback(None)


def _print_exception(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    if isinstance(error, DsmlError):
        traceback.print_exception(kind, error, _user_frames(trace), chain=False)
    else:
        sys.__excepthook__(kind, error, trace)


def _render(error: DsmlError) -> list[str]:
    """Render an error as IPython does; it asks for this by a method of this name."""
    from IPython.core.getipython import get_ipython

    shell = get_ipython()
    trace = _user_frames(error.__traceback__)
    with _without_cause(error):
        if shell is None or trace is None:
            return traceback.format_exception(type(error), error, trace, chain=False)
        lines: list[str] = shell.InteractiveTB.structured_traceback(type(error), error, trace, tb_offset=1)
        return lines


@contextmanager
def _without_cause(error: DsmlError) -> Iterator[None]:
    cause, context, suppressed = error.__cause__, error.__context__, error.__suppress_context__
    error.__cause__, error.__context__ = None, None
    try:
        yield
    finally:
        error.__cause__, error.__context__ = cause, context
        error.__suppress_context__ = suppressed


def _user_frames(trace: TracebackType | None) -> TracebackType | None:
    """Copy a traceback up to the first frame of our own."""
    if trace is None or trace.tb_frame.f_globals.get("__name__", "").partition(".")[0] == _OWN:
        return None
    return TracebackType(_user_frames(trace.tb_next), trace.tb_frame, trace.tb_lasti, trace.tb_lineno)
