"""A package on its way to where the parts of a table lie."""

import atexit
import io
import zipfile
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from dsml_magics.ledger.registry import Found
from dsml_magics.package.opening import package_in
from dsml_magics.package.scorer import Scorer
from dsml_magics.package.value import Package
from dsml_magics.process.work_folder import WorkFolder
from dsml_magics.score.part import OnViolation, named, score_part, stopped, with_predictions

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True)
class Shipment:
    """A package as bytes; it travels by value, and is unpacked once in each process.

    Attributes
    ----------
    content
        The package's folder, zipped.
    sealed
        SHA-256 of its manifest.
    """

    content: bytes
    sealed: str
    uri: str
    on_violation: OnViolation

    @classmethod
    def of(cls, package: Package, on_violation: OnViolation) -> "Shipment":
        """Pack a package."""
        sink = io.BytesIO()
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(package.path.rglob("*")):
                if path.is_file():
                    archive.write(path, path.relative_to(package.path).as_posix())
        return cls(sink.getvalue(), package.sealed, package.uri, on_violation)

    def scorer(self) -> Scorer:
        """Unpack and load it, once in a process."""
        return _unpacked(self)

    def scored(self, rows: "pa.Table") -> "pa.Table":
        """Score rows of a part: predictions as more columns; with ``quarantine``, also why a row has none.

        Raises
        ------
        ContractBroken
            A row breaks the contract, and that stops the job.
        """
        import numpy as np
        import pyarrow as pa

        scorer = self.scorer()
        part = score_part(scorer, named(rows, scorer.contract), self.on_violation)
        if part.values is None:
            raise stopped(self.uri, part.reasons, first=0, rows=rows.num_rows)
        kept = np.ones(rows.num_rows, bool)
        kept[list(part.reasons)] = False
        found = with_predictions(rows, part.values, kept=None if kept.all() else kept)
        if self.on_violation != "quarantine":
            return found
        said = [part.reasons.get(row) for row in range(rows.num_rows)]
        return found.append_column("violation", pa.array(said, pa.string()))

    def fields(self) -> "list[pa.Field]":
        """The columns it adds."""
        import numpy as np

        nothing = with_predictions(_no_rows(), np.asarray(self.scorer().nothing()))
        fields = list(nothing.schema)[1:]
        return [*fields, _violation()] if self.on_violation == "quarantine" else fields


def _no_rows() -> "pa.Table":
    import pyarrow as pa

    return pa.table({"row": pa.nulls(0, pa.int64())})


def _violation() -> Any:
    import pyarrow as pa

    return pa.field("violation", pa.string())


@cache
def _unpacked(shipment: Shipment) -> Scorer:
    # Kept until the process ends: it will be asked for many parts. If it is killed, the next one removes the folder.
    work = WorkFolder("shipment")
    atexit.register(work.close)
    folder = work.path / "package"
    with zipfile.ZipFile(io.BytesIO(shipment.content)) as archive:
        archive.extractall(folder)
    found = Found(folder, shipment.uri, {"dsml.manifest_sha256": shipment.sealed})
    return package_in(found).load()
