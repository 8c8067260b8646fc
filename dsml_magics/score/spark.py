"""Score Spark frames, classic and Connect, by ``mapInArrow``."""

from collections.abc import Callable, Iterator
from typing import Any

import pyarrow as pa
from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema
from pyspark.sql.types import StructType

from dsml_magics.score.shipment import Shipment


def scored(frame: DataFrame, shipment: Shipment) -> DataFrame:
    """Add predictions to a frame; each partition is scored on its executor."""
    more = from_arrow_schema(pa.schema(shipment.fields()))
    return frame.mapInArrow(_mapped(shipment), StructType([*frame.schema.fields, *more.fields]))


def write(frame: DataFrame, out: str) -> None:
    """Write a frame as a folder of Parquet."""
    frame.write.parquet(out)


def _mapped(shipment: Shipment) -> Callable[[Any], Iterator[pa.RecordBatch]]:
    def mapped(batches: Any) -> Iterator[pa.RecordBatch]:
        for batch in batches:
            if batch.num_rows:
                yield from shipment.scored(pa.Table.from_batches([batch])).combine_chunks().to_batches()

    return mapped
