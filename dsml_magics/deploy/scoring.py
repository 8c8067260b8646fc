"""Score a table with a package: checked first, then batch by batch."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.deploy.flavor import raw_predict
from dsml_magics.deploy.inputs import Inputs
from dsml_magics.deploy.manifest import check
from dsml_magics.deploy.predictions import Predictions
from dsml_magics.errors import ColumnUnusable, FileNotWritten, ModelUnusable, TableEmpty
from dsml_magics.files import replacing
from dsml_magics.frames.opening import open_table
from dsml_magics.frames.table import Table
from dsml_magics.ledger.registry import find
from dsml_magics.ledger.store import open_ledger

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Scorer:
    """A loaded package: the model itself, and the columns it takes."""

    model: Any
    inputs: Inputs
    uri: str

    def predict(self, rows: Any) -> Any:
        """Predict rows of a pandas frame or an array.

        MLflow's own `predict` would refuse what the model takes, such as an integer column in which
        one value is missing; so the model is asked directly, as the proof did.
        """
        rows = self.inputs.fitted(rows)
        try:
            return raw_predict(self.model)(rows)
        except Exception as error:
            raise ModelUnusable(
                f"The package could not score these {len(rows):,} rows: {' '.join(str(error).split())[:300]}"
            ) from error


def score(reference: str, data: Any, *, out: str | os.PathLike[str] | None = None) -> Predictions:
    """Score `data` with the package that `reference` names.

    Raises
    ------
    ModelNotFound, PackageAltered
        There is no such package, or it is not as it was proved.
    DataError
        A column the package needs is missing, or there are no rows.
    """
    scorer = load(reference)
    if out is not None:
        return Predictions(scorer.uri, _write(scorer, open_table(data), Path(out)), str(out))
    values = _predict_all(scorer, data)
    return Predictions(scorer.uri, len(values), None, values)


def load(reference: str) -> Scorer:
    """Find a package, check every file of it, and only then load it."""
    folder = Path(reference).expanduser()
    if (folder / "MLmodel").is_file():
        return _loaded(folder, str(folder), sealed_as=None)
    found = find(open_ledger(), reference)
    return _loaded(found.folder, found.uri, sealed_as=found.tags.get("dsml.manifest_sha256"))


def _loaded(folder: Path, uri: str, *, sealed_as: str | None) -> Scorer:
    import mlflow.pyfunc

    check(folder, sealed_as=sealed_as)
    return Scorer(mlflow.pyfunc.load_model(str(folder)), Inputs.read(folder), uri)


def _predict_all(scorer: Scorer, data: Any) -> Any:
    import numpy as np

    if type(data).__module__.partition(".")[0] in ("pandas", "numpy") and len(data):
        return scorer.predict(data)
    parts = [scorer.predict(frame) for frame in _frames(open_table(data))]
    return parts[0] if len(parts) == 1 else np.concatenate([np.asarray(part) for part in parts])


def _frames(table: Table) -> Iterator[Any]:
    empty = True
    for batch in table.batches():
        if batch.num_rows:
            empty = False
            yield batch.to_pandas()
    if empty:
        raise TableEmpty(f"Expected rows to score, got none in {table.origin}.")


def _write(scorer: Scorer, table: Table, out: Path) -> int:
    """Write rows and predictions part by part; the file appears only when it is whole."""
    rows = 0
    with replacing(out) as temporary, _writer(temporary, out) as write:
        for batch in table.batches():
            if batch.num_rows:
                write(_with_predictions(batch, scorer.predict(batch.to_pandas())))
                rows += batch.num_rows
        if not rows:
            raise TableEmpty(f"Expected rows to score, got none in {table.origin}.")
    return rows


@contextmanager
def _writer(temporary: Path, out: Path) -> Iterator[Any]:
    import pyarrow.parquet as pq
    from pyarrow import csv

    makers = {".parquet": pq.ParquetWriter, ".csv": csv.CSVWriter}
    if out.suffix not in makers:
        raise FileNotWritten(f"Expected a file ending in .parquet or .csv, got {str(out)!r}.")
    writer: Any = None
    try:

        def write(part: "pa.Table") -> None:
            nonlocal writer
            writer = writer or makers[out.suffix](str(temporary), part.schema)
            writer.write_table(part)

        yield write
    finally:
        if writer is not None:
            writer.close()


def _with_predictions(batch: "pa.RecordBatch", values: Any) -> "pa.Table":
    import numpy as np
    import pyarrow as pa

    array = np.asarray(values)
    parts = [array] if array.ndim == 1 else [array[:, position] for position in range(array.shape[1])]
    names = (
        ["prediction"] if array.ndim == 1 else [f"prediction_{position}" for position in range(len(parts))]
    )
    table = pa.Table.from_batches([batch])
    for name, part in zip(names, parts, strict=True):
        if name in table.column_names:
            raise ColumnUnusable(
                f"Expected a table without a column {name!r}, which is ours to add. Rename it."
            )
        table = table.append_column(name, pa.array(part))
    return table
