"""A progress bar over the rows that are read, once that takes longer than a moment."""

import sys
import threading
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa

DELAY = 2.0
"""Seconds before the bar appears."""


@contextmanager
def watched(
    batches: "Iterable[pa.RecordBatch]", *, title: str, rows: int | None = None
) -> "Iterator[Iterator[pa.RecordBatch]]":
    """Show how many rows have been taken, where somebody looks; the bar goes however the block ends.

    Parameters
    ----------
    title
        What is done with the rows.
    rows
        How many there are, if that is known.

    Examples
    --------
    >>> from dsml_magics.frames.opening import open_table
    >>> table = open_table({"age": [31, 45]})
    >>> with watched(table.batches(), title="Profiling", rows=table.rows) as batches:
    ...     sum(batch.num_rows for batch in batches)
    2
    """
    if not is_seen():
        yield iter(batches)
        return
    with _bar(title, rows) as bar:
        yield _counted(batches, bar)


def is_seen() -> bool:
    """Tell whether somebody looks: at a terminal, or at a notebook."""
    if threading.current_thread() is not threading.main_thread():
        return False  # parts of a table are read in threads, many at a time
    return sys.stderr is not None and (sys.stderr.isatty() or _in_notebook())


def _in_notebook() -> bool:
    # Not imported for this: whoever runs in a kernel has both.
    if "IPython" not in sys.modules or "ipykernel" not in sys.modules:
        return False
    from IPython.core.getipython import get_ipython

    return hasattr(get_ipython(), "kernel")


def _bar(title: str, rows: int | None) -> Any:
    with warnings.catch_warnings():
        # Without ipywidgets tqdm draws its bar of letters, and says so.
        warnings.filterwarnings("ignore", message="IProgress not found")
        from tqdm.auto import tqdm

    return tqdm(
        desc=title, total=rows, unit=" rows", unit_scale=True, delay=DELAY, leave=False, dynamic_ncols=True
    )


def _counted(batches: "Iterable[pa.RecordBatch]", bar: Any) -> "Iterator[pa.RecordBatch]":
    for batch in batches:
        yield batch
        # A batch counts once it has been dealt with.
        bar.update(batch.num_rows)
