"""Score Dask frames partition by partition."""

from typing import Any

import pandas as pd

from dsml_magics.frames.opening import open_table
from dsml_magics.frames.pandas import with_text_names
from dsml_magics.score.shipment import Shipment


def scored(frame: Any, shipment: Shipment) -> Any:
    """Add predictions to a frame; each partition is scored where it is computed."""
    return frame.map_partitions(_scored, shipment, meta=_scored(frame._meta, shipment))  # noqa: SLF001  Dask's way to say the schema


def write(frame: Any, out: str) -> None:
    """Write a frame as a folder of Parquet."""
    frame.to_parquet(out)


def _scored(part: pd.DataFrame, shipment: Shipment) -> pd.DataFrame:
    if not len(part):
        more = {field.name: pd.Series([], dtype=field.type.to_pandas_dtype()) for field in shipment.fields()}
        return part.assign(**{name: values.set_axis(part.index) for name, values in more.items()})
    found = shipment.scored(open_table(part).to_arrow())
    known = with_text_names(part).columns
    own = found.select([name for name in found.column_names if name not in known]).to_pandas()
    return part.assign(**{str(name): own[name].set_axis(part.index) for name in own.columns})
