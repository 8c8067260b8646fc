"""Score Ray data sets block by block."""

from functools import partial
from typing import Any

import pyarrow as pa

from dsml_magics.score.shipment import Shipment


def scored(source: Any, shipment: Shipment) -> Any:
    """Add predictions to a data set; each block is scored by the node that holds it."""
    return source.map_batches(partial(_scored, shipment), batch_format="pyarrow", batch_size=None)


def write(source: Any, out: str) -> None:
    """Write a data set as a folder of Parquet."""
    source.write_parquet(out)


def _scored(shipment: Shipment, block: pa.Table) -> pa.Table:
    return shipment.scored(block)
