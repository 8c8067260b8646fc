"""Score Spark, Dask and Ray frames where their parts lie."""

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from dsml_magics.errors import FileNotWritten, hint
from dsml_magics.package.value import Package
from dsml_magics.score.part import OnViolation
from dsml_magics.score.predictions import Predictions
from dsml_magics.score.shipment import Shipment


def score_on_engine(
    package: Package, frame: Any, *, out: str | os.PathLike[str] | None, on_violation: OnViolation
) -> Predictions:
    """Add predictions to a frame of an engine; it computes them when they are asked for, or now if `out` is given.

    With ``quarantine``, a row that breaks the contract gets no prediction, and its reason in the column ``violation``.
    """
    shipment = Shipment.of(package, on_violation)
    roots = {base.__module__.partition(".")[0] for base in type(frame).__mro__}
    name = next((name for name in ("pyspark", "ray") if name in roots), "dask").removeprefix("py")
    engine = import_module(f"dsml_magics.score.{name}")
    _require_columns(package, frame)
    found = engine.scored(frame, shipment)
    if out is not None:
        out = _absolute(str(out))
        if os.path.exists(out):  # noqa: PTH110  the engine's own path
            raise FileNotWritten(f"Expected a folder that does not exist yet, got {out!r}.")
        engine.write(found, out)
    return Predictions(package.uri, None, out, frame=found)


def _absolute(out: str) -> str:
    """Name a folder so that an engine, which may have been started in another one, means the same."""
    return out if "://" in out else str(Path(out).expanduser().absolute())


def _require_columns(package: Package, frame: Any) -> None:
    """Refuse a frame without a column before an engine is at work."""
    from dsml_magics.errors import ColumnNotFound
    from dsml_magics.frames.opening import column_names

    there = column_names(frame)
    if there and (gone := [name for name in package.contract.names if name not in there]):
        if package.contract.form == "array" and len(there) == len(package.contract.columns):
            return
        raise ColumnNotFound(f"Expected the column {gone[0]!r}, got none. {hint(gone[0], there)}")
