"""The columns a package takes: their order, and the categories of those that have a fixed set."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsml_magics.errors import ColumnNotFound, hint

FILE = "dsml/input.json"


@dataclass(frozen=True)
class Inputs:
    """Names in the order the model takes them; none for a model that takes plain arrays.

    `categories` holds the values of pandas' categorical columns: a model fitted on them needs the same
    ones again, and neither CSV nor Parquet from another library brings them along.
    """

    names: tuple[str, ...] = ()
    categories: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)

    @classmethod
    def of(cls, rows: Any) -> "Inputs":
        """Read them off the rows the package is proved with."""
        if not hasattr(rows, "columns"):
            return cls()
        categories = {
            name: tuple(dtype.categories.tolist())
            for name, dtype in rows.dtypes.items()
            if hasattr(dtype, "categories") and dtype.categories.dtype.kind != "M"
        }
        return cls(tuple(rows.columns), categories)

    @classmethod
    def read(cls, folder: Path) -> "Inputs":
        """Read them from a package."""
        content = json.loads((folder / FILE).read_text(encoding="utf-8"))
        categories = {name: tuple(values) for name, values in content["categories"].items()}
        return cls(tuple(content["names"]), categories)

    def write(self, folder: Path) -> None:
        """Write them into a package."""
        content = {
            "schema": "dsml.input/1",
            "names": self.names,
            "categories": {name: list(values) for name, values in self.categories.items()},
        }
        (folder / FILE).write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8", newline="\n")

    def fitted(self, rows: Any) -> Any:
        """Return the columns of a pandas frame in the order and with the categories the model knows.

        Raises
        ------
        ColumnNotFound
            One is missing.
        """
        if not self.names or not hasattr(rows, "columns"):
            return rows
        if missing := [name for name in self.names if name not in rows.columns]:
            raise ColumnNotFound(
                f"Expected the column {missing[0]!r} that the package was proved with, got none. "
                f"{hint(missing[0], map(str, rows.columns))}"
            )
        rows = rows[list(self.names)]
        unlike = {name: values for name, values in self.categories.items() if not _has(rows[name], values)}
        return rows.assign(**{name: _categorical(rows[name], values) for name, values in unlike.items()})


def _has(column: Any, categories: tuple[Any, ...]) -> bool:
    return hasattr(column.dtype, "categories") and tuple(column.dtype.categories) == categories


def _categorical(column: Any, categories: tuple[Any, ...]) -> Any:
    import pandas as pd

    return pd.Series(pd.Categorical(column, categories=list(categories)), index=column.index)
