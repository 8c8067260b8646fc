"""The summary of a table as a tree of plain values with arrays beside it."""

from typing import TYPE_CHECKING, Any

from dsml_magics.profile.shelf import Shelf
from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.distinct import Distinct
from dsml_magics.profile.sketch.frequent import Counts
from dsml_magics.profile.sketch.gram import Gram
from dsml_magics.profile.sketch.lengths import Lengths
from dsml_magics.profile.sketch.moments import Moments
from dsml_magics.profile.sketch.order import Order
from dsml_magics.profile.sketch.quantiles import Quantiles, Run
from dsml_magics.profile.sketch.sample import Sample
from dsml_magics.profile.sketch.table import TableSketch

if TYPE_CHECKING:
    import pyarrow as pa

_MOMENTS = ("count", "mean", "second", "third", "fourth", "rest")
_LENGTHS = ("count", "characters", "shortest", "longest", "blank")
_PLAIN = ("name", "exact", "rows", "missing", "lowest", "highest", "zeros", "negative", "infinite", "mixed")


def bytes_of_table(table: "pa.Table") -> bytes:
    """Write all rows."""
    import pyarrow as pa

    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table.combine_chunks())
    return bytes(sink.getvalue().to_pybytes())


def table_of(content: bytes) -> "pa.Table":
    """Read the rows, and check that each cell is what its type says."""
    import pyarrow as pa

    table = pa.ipc.open_stream(content).read_all()
    table.validate(full=True)
    return table


def tree_of(sketch: TableSketch, shelf: Shelf, *, sample: bool) -> dict[str, Any]:
    """Write a summary, its arrays to the shelf.

    Parameters
    ----------
    sample
        Whether rows are stored too.
    """
    import pyarrow as pa

    schema = pa.schema([(name, column.type) for name, column in sketch.columns.items()])
    rows = sketch.sample if sample else sketch.sample.emptied()
    gram = [getattr(sketch.gram, part) for part in ("count", "mean", "second", "product", "origin")]
    return {
        "rows": sketch.rows,
        "schema": shelf.put_bytes(schema.serialize().to_pybytes()),
        "columns": [_column(column, shelf) for column in sketch.columns.values()],
        "gram": {"names": sketch.gram.names, "parts": [shelf.put(part) for part in gram if part is not None]},
        "sample": {
            "table": shelf.put_bytes(bytes_of_table(rows.table)),
            "hashes": shelf.put(rows.hashes),
            "weights": shelf.put(rows.weights),
            "rows": rows.rows,
            "limit": rows.limit,
        },
    }


def summary_of(tree: dict[str, Any], shelf: Shelf) -> TableSketch:
    """Read what `tree_of` wrote."""
    import pyarrow as pa

    schema = pa.ipc.read_schema(pa.py_buffer(shelf.bytes_at(tree["schema"])))
    columns = {
        part["name"]: _read_column(part, kind, shelf)
        for part, kind in zip(tree["columns"], schema.types, strict=True)
    }
    rows = tree["sample"]
    sample = Sample(
        table_of(shelf.bytes_at(rows["table"])),
        shelf.arrays[rows["hashes"]],
        shelf.arrays[rows["weights"]],
        rows["rows"],
        rows["limit"],
    )
    gram = Gram(tuple(tree["gram"]["names"]), *(shelf.arrays[place] for place in tree["gram"]["parts"]))
    return TableSketch(tree["rows"], columns, gram, sample)


def _column(column: ColumnSketch, shelf: Shelf) -> dict[str, Any]:
    order = column.order
    return {
        **{name: getattr(column, name) for name in _PLAIN},
        "moments": [getattr(column.moments, name) for name in _MOMENTS],
        "lengths": [getattr(column.lengths, name) for name in _LENGTHS],
        "order": [order.rising, order.falling, list(order.steps.items()), order.gaps, order.widest],
        "counts": _counts(column.counts, shelf),
        "hashes": None if column.hashes is None else _hashes(column.hashes, shelf),
        "runs": [[shelf.put(run.values), run.weight, run.error] for run in column.quantiles.runs],
    }


def _read_column(tree: dict[str, Any], kind: "pa.DataType", shelf: Shelf) -> ColumnSketch:
    rising, falling, steps, gaps, widest = tree["order"]
    return ColumnSketch(
        **{name: tree[name] for name in _PLAIN},
        type=kind,
        moments=Moments(*tree["moments"]),
        lengths=Lengths(*tree["lengths"]),
        order=Order(
            _stretches(rising), _stretches(falling), dict(map(tuple, steps)), gaps, (widest[0], widest[1])
        ),
        counts=_read_counts(tree["counts"], shelf),
        hashes=None if tree["hashes"] is None else _read_hashes(tree["hashes"], shelf),
        quantiles=Quantiles(
            tuple(Run(shelf.arrays[at], weight, error) for at, weight, error in tree["runs"])
        ),
    )


def _stretches(listed: Any) -> Any:
    return None if listed is None else tuple((low, high) for low, high in listed)


def _counts(counts: Counts, shelf: Shelf) -> dict[str, Any]:
    import numpy as np

    values = list(counts.counts)
    numbers = values and not any(isinstance(value, str | bool) for value in values)
    array = np.array(values) if numbers else None
    is_plain = array is not None and array.dtype.kind in "iuf"
    return {
        "values": shelf.put(array.astype(f"<{array.dtype.kind}8"))
        if is_plain and array is not None
        else values,
        "counts": shelf.put(np.array(list(counts.counts.values()), "<i8")),
        "slack": shelf.put(np.array([counts.slack.get(value, 0) for value in values], "<i8")),
        "error": counts.error,
    }


def _read_counts(tree: dict[str, Any], shelf: Shelf) -> Counts:
    values = tree["values"] if isinstance(tree["values"], list) else shelf.arrays[tree["values"]].tolist()
    numbers, slack = (shelf.arrays[tree[name]].tolist() for name in ("counts", "slack"))
    more = {value: number for value, number in zip(values, slack, strict=True) if number}
    return Counts(dict(zip(values, numbers, strict=True)), more, tree["error"])


def _hashes(hashes: Distinct, shelf: Shelf) -> dict[str, Any]:
    return {"shift": hashes.shift, "differences": shelf.put(hashes.packed())}


def _read_hashes(tree: dict[str, Any], shelf: Shelf) -> Distinct:
    return Distinct.unpacked(shelf.arrays[tree["differences"]], shift=tree["shift"])
