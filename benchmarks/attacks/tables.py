"""Hostile tables through the profile, the comparison and the files: each is taken, or refused in one of our errors."""

import decimal
import tempfile
import tracemalloc
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

import dsml_magics as dsml
from dsml_magics.errors import DsmlError

Outcome = tuple[str, bool, str]
RNG = np.random.default_rng(0)


class Hostile:
    """An object whose every look raises."""

    def __repr__(self) -> str:
        raise RuntimeError("repr")

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("eq")

    __hash__ = None


def frame_with(columns: Any, values: Any) -> pd.DataFrame:
    frame = pd.DataFrame(values)
    frame.columns = columns
    return frame


FRAMES: dict[str, Callable[[], Any]] = {
    "no rows": lambda: pd.DataFrame({"a": []}),
    "no columns": lambda: pd.DataFrame(index=range(3)),
    "one row": lambda: pd.DataFrame({"a": [1]}),
    "nothing but gaps": lambda: pd.DataFrame({"a": [None] * 9, "b": [float("nan")] * 9}),
    "names of integers": lambda: pd.DataFrame(RNG.normal(size=(9, 3))),
    "names of two levels": lambda: frame_with(pd.MultiIndex.from_tuples([("a", 1), ("a", 2)]), [[1, 2]] * 5),
    "names that come twice": lambda: frame_with(["a", "a"], [[1, 2]] * 5),
    "a name with a tag": lambda: pd.DataFrame({"<script>alert(1)</script>": [1, 2]}),
    "lone surrogates": lambda: pd.DataFrame({"a": pd.Series(["x", "\udfff"], dtype=object)}),
    "zero bytes in texts": lambda: pd.DataFrame({"a": ["x\0y", "\0"] * 5}),
    "sets": lambda: pd.DataFrame({"a": [{1, 2}, {3}], "b": [1, 2]}),
    "complex numbers": lambda: pd.DataFrame({"a": [1j, 2 + 1j], "b": [1, 2]}),
    "objects that raise": lambda: pd.DataFrame({"a": pd.Series([Hostile(), Hostile()], dtype=object)}),
    "mixed types": lambda: pd.DataFrame({"a": [1, "x", None, 2.5, b"y", (1,)]}),
    "infinities": lambda: pd.DataFrame({"a": [float("inf"), float("-inf"), 1.0, float("nan")] * 5}),
    "1e15 and noise": lambda: pd.DataFrame({"a": 1e15 + RNG.normal(size=999)}),
    "the largest floats": lambda: pd.DataFrame({"a": [1.7e308, -1.7e308, 5e-324] * 9}),
    "integers beyond 2^53": lambda: pd.DataFrame({"a": [2**53 + 1, 2**53 + 3, 2**63 - 1]}),
    "integers beyond 2^64": lambda: pd.DataFrame({"a": [2**70, 1]}),
    "decimals": lambda: pd.DataFrame({"a": [decimal.Decimal("1e30"), decimal.Decimal("NaN"), None]}),
    "moments at the ends of time": lambda: pd.DataFrame({"a": [pd.Timestamp.min, pd.Timestamp.max]}),
    "periods and intervals": lambda: pd.DataFrame(
        {"a": pd.period_range("2024-01", periods=3, freq="M"), "b": pd.interval_range(0, 3)}
    ),
    "a key in each row": lambda: pd.DataFrame({"a": [f"k{i}" for i in range(20_000)], "b": range(20_000)}),
    "a text of 5 MB": lambda: pd.DataFrame({"a": ["x" * 5_000_000, "y"]}),
    "2,000 columns": lambda: pd.DataFrame(RNG.normal(size=(20, 2000))),
    "lists in lists": lambda: pd.DataFrame({"a": [[[1]], [[2, 3]], None]}),
    "an index of two levels": lambda: pd.DataFrame({"a": [1, 2]}, index=[("x", 1), ("y", 2)]),
}
FILES: dict[str, bytes] = {
    "an empty file": b"",
    "a heading alone": b"a,b\n",
    "an open quote": b'a,b\n1,"2\n3,4\n',
    "rows of other lengths": b"a,b\n1\n1,2,3\n",
    "bytes of no encoding": b"a,b\n\xff\xfe\x00\x81\x8d,2\n" * 9,
    "no text at all": bytes(range(256)) * 40,
    "a megabyte of commas": b"," * 1_000_000,
    "a megabyte of quotes": b'"' * 1_000_000,
    "line ends alone": b"\n" * 100_000,
    "Korean in cp949": "이름,도시\n가나다,서울\n".encode("cp949") * 50,
    "UTF-16": "a,b\n1,가\n".encode("utf-16"),
    "formulas": b"a\n=cmd|' /C calc'!A0\n@SUM(1)\n",
}


def attack(left_out: Collection[str] = ()) -> Iterator[Outcome]:
    """Profile each hostile table, alone and against itself."""
    for what, make in FRAMES.items():
        if what in left_out:
            continue
        yield _tried(f"frame: {what}", make)
    with tempfile.TemporaryDirectory(prefix="dsml-attack-") as folder:
        for number, (what, content) in enumerate(FILES.items()):
            path = Path(folder, f"{number}.csv")
            path.write_bytes(content)
            yield _tried(f"CSV: {what}", lambda path=path: str(path))


def _tried(what: str, make: Callable[[], Any]) -> Outcome:
    table = make()
    tracemalloc.start()
    try:
        profile = dsml.profile(table, compare=table)
        page = profile.to_html()
        drifted = len(profile.figures.comparison.drifts) and any(
            insight.code == "drift" for insight in profile.insights
        )
        held = "<script>alert" not in page and bool(str(profile)) and not drifted
        seen = f"{profile.figures.rows} rows, {len(profile.figures.columns)} columns"
        seen += ", a table drifted from itself" if drifted else ""
    except DsmlError as error:
        held, seen = True, f"refused: {str(error).splitlines()[0][:80]}"
    except BaseException as error:  # noqa: BLE001  anything else is what is looked for
        held, seen = False, f"{type(error).__name__}: {str(error)[:80]}"
    peak = tracemalloc.get_traced_memory()[1] / 1e6
    tracemalloc.stop()
    return what, held and peak < 1000, seen + (f", {peak:.0f} MB" if peak > 100 else "")
