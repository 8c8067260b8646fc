"""Real tables that come with installed packages, read without a network."""

import warnings
from collections.abc import Iterator
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pandas as pd

SHARED = Path(__file__).parents[3] / "shared" / "data"
_SKLEARN = ("iris", "wine", "breast_cancer", "diabetes", "digits", "linnerud")
PACKAGES = ("sklearn", "statsmodels", "vega_datasets")


def absent() -> list[str]:
    """List the packages whose tables cannot be read here."""
    return [name for name in PACKAGES if find_spec(name) is None]


def shared() -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables beside the project."""
    for path in sorted(SHARED.glob("*.csv")):
        yield path.name, pd.read_csv(path)


def of_sklearn() -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables that come with scikit-learn."""
    from sklearn import datasets

    for name in _SKLEARN:
        yield f"sklearn {name}", getattr(datasets, f"load_{name}")(as_frame=True).frame


def of_statsmodels() -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables that come with statsmodels."""
    folder = Path(find_spec("statsmodels").submodule_search_locations[0]) / "datasets"
    for path in sorted(folder.glob("*/*.csv")):
        table = _read(lambda path=path: pd.read_csv(path))
        if table is not None and len(table.columns) > 1:
            yield f"statsmodels {path.stem}", table


def of_vega() -> Iterator[tuple[str, pd.DataFrame]]:
    """Give the tables that come with vega_datasets."""
    data = import_module("vega_datasets").local_data
    for name in data.list_datasets():
        table = _read(getattr(data, name.replace("-", "_")))
        if isinstance(table, pd.DataFrame):
            yield f"vega {name}", table


def tables() -> Iterator[tuple[str, pd.DataFrame]]:
    """Give all tables that can be read here."""
    sources: dict[str, Any] = {"sklearn": of_sklearn, "statsmodels": of_statsmodels, "vega_datasets": of_vega}
    yield from shared()
    for name, source in sources.items():
        if name not in absent():
            yield from source()


def _read(source: Any) -> pd.DataFrame | None:
    """Read a table; None where it is no table, or written for an older pandas."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return source()
        except (ValueError, TypeError, KeyError, AttributeError, OSError):
            return None
