"""One piece of work in a process of its own: ``python works.py NAME FILE TINY [--cold]`` prints a line of JSON.

CPU seconds (of the user and the system, of all threads) and wall seconds are of the work alone: libraries are imported
and a tiny table is worked on before, the table is read before where the work is done in memory. Peak memory is of the
whole process. This file needs pandas, pyarrow and what the work needs, so that peers may live in environments of their own.
"""

import contextlib
import importlib.metadata
import io
import json
import resource
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any


def ours_text(data: Any) -> int:
    import dsml_magics as dsml

    return len(str(dsml.profile(data)))


def ours_html(data: Any) -> int:
    import dsml_magics as dsml

    profile = dsml.profile(data)
    return len(str(profile)) * 0 + len(profile.to_html().encode())


def ours_shown(data: Any) -> int:
    """What a notebook does with the last line of a cell: text and HTML at once."""
    import dsml_magics as dsml

    return sum(map(len, dsml.profile(data)._repr_mimebundle_().values()))


def ours_state(data: Any) -> int:
    from dsml_magics.profile.value import Profile

    return len(Profile.of(data).to_bytes())


def bare_pass(data: Any) -> int:
    from bare import bare

    return len(bare(data))


def skrub(data: Any) -> int:
    from skrub import TableReport

    return len(TableReport(data, verbose=0).html().encode())


def ydata_minimal(data: Any) -> int:
    from data_profiling import ProfileReport

    return len(ProfileReport(data, minimal=True, progress_bar=False).to_html().encode())


def ydata(data: Any) -> int:
    from data_profiling import ProfileReport

    return len(ProfileReport(data, progress_bar=False).to_html().encode())


def sweetviz(data: Any) -> int:
    import sweetviz as peer

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.html"
        peer.analyze(data, pairwise_analysis="on").show_html(str(path), open_browser=False)
        return path.stat().st_size


def whylogs(data: Any) -> int:
    import whylogs as peer

    return len(peer.log(data).view().serialize())


def duckdb(data: Any) -> int:
    import duckdb as peer

    source = "data" if not isinstance(data, str) else f"'{data}'"
    return len(peer.sql(f"summarize from {source}").fetchall())


def polars(data: Any) -> int:
    import polars as pl

    frame = pl.scan_parquet(data) if isinstance(data, str) else pl.from_pandas(data)
    return len(frame.describe())


def pandas(data: Any) -> int:
    return len(data.describe(include="all"))


WORKS: dict[str, tuple[Callable[[Any], int], str]] = {
    "ours, text": (ours_text, "dsml-magics"),
    "ours, HTML": (ours_html, "dsml-magics"),
    "ours, shown in a notebook": (ours_shown, "dsml-magics"),
    "ours, state": (ours_state, "dsml-magics"),
    "bare pass": (bare_pass, "polars"),
    "skrub TableReport, HTML": (skrub, "skrub"),
    "fg-data-profiling minimal, HTML": (ydata_minimal, "fg-data-profiling"),
    "fg-data-profiling, HTML": (ydata, "fg-data-profiling"),
    "sweetviz, HTML": (sweetviz, "sweetviz"),
    "whylogs, view": (whylogs, "whylogs"),
    "DuckDB SUMMARIZE": (duckdb, "duckdb"),
    "polars describe": (polars, "polars"),
    "pandas describe": (pandas, "pandas"),
}
"""What can be done to a table, and the distribution it needs; each returns the size of what it made."""


def measured(work: Callable[[Any], int], data: Any) -> dict[str, float]:
    cpu, wall = time.process_time(), time.perf_counter()
    size = work(data)
    return {"cpu": time.process_time() - cpu, "wall": time.perf_counter() - wall, "size": size}


def main(name: str, file: str, tiny: str, *options: str) -> None:
    import pandas as pd

    work, distribution = WORKS[name]
    is_file = "--file" in options
    with contextlib.redirect_stdout(io.StringIO()):
        if "--cold" not in options:
            work(pd.read_parquet(tiny))
        figures: dict[str, Any] = measured(work, file if is_file else pd.read_parquet(file))
    unit = 2**20 if sys.platform == "darwin" else 2**10
    figures["peak"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit
    figures["version"] = importlib.metadata.version(distribution)
    print(json.dumps(figures))


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    main(*sys.argv[1:])
