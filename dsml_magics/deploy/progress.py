"""What a deploy is doing, for whoever waits for it: a bar at a terminal or notebook, lines in a log."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from typing import Any

from dsml_magics.frames.progress import DELAY, is_seen

Step = Callable[[str], None]
"""Says which step begins."""


@contextmanager
def step_progress(title: str, *, steps: int, delay: float = DELAY) -> Iterator[Step]:
    """Show the step that is being done.

    Where somebody looks, a bar stands from the beginning and goes with the end. In a log a line is written for each
    step that begins after `delay` seconds, so that a quick deploy says nothing.

    Examples
    --------
    >>> with step_progress("Deploying income", steps=2) as step:
    ...     step("predicting")
    """
    if not is_seen():
        yield _line_writer(title, time.monotonic() + delay)
        return
    with _bar(title, steps) as bar:
        begun = count()
        yield lambda name: _advance(bar, f"{title}: {name}", done=next(begun))


def _line_writer(title: str, quiet_until: float) -> Step:
    def write(name: str) -> None:
        if time.monotonic() >= quiet_until and sys.stderr is not None:
            sys.stderr.write(f"dsml: {title}: {name}\n")
            sys.stderr.flush()

    return write


def _bar(title: str, steps: int) -> Any:
    import warnings

    with warnings.catch_warnings():
        # Without ipywidgets tqdm draws its bar of letters, and says so.
        warnings.filterwarnings("ignore", message="IProgress not found")
        from tqdm.auto import tqdm

    layout = "{desc} |{bar}| {n_fmt}/{total_fmt} [{elapsed}]"
    return tqdm(desc=title, total=steps, leave=False, bar_format=layout)


def _advance(bar: Any, description: str, *, done: int) -> None:
    bar.set_description_str(description, refresh=False)
    bar.n = done
    bar.refresh()
