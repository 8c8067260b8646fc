"""Score from file to file: part by part, rows and predictions together."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import FileNotWritten, TableEmpty
from dsml_magics.files import refusals_told, replacing
from dsml_magics.frames.progress import watched
from dsml_magics.frames.table import Table
from dsml_magics.package.value import Package
from dsml_magics.score.journal import Journal, journal
from dsml_magics.score.part import ROWS, OnViolation, Part, parts_of, score_part, stopped, with_predictions
from dsml_magics.score.predictions import Predictions
from dsml_magics.score.worker import workers

if TYPE_CHECKING:
    import pyarrow as pa

Submit = Callable[["pa.Table"], "Future[Part]"]


@dataclass
class _Tally:
    """What was written so far."""

    rows: int = 0
    quarantined: int = 0
    resumed: int = 0
    warned: dict[str, int] = field(default_factory=dict)

    def add(self, part: Part, *, is_resumed: bool) -> None:
        self.rows += len(part.values)
        self.quarantined += len(part.reasons)
        self.resumed += len(part.values) if is_resumed else 0
        for name, count in part.warned.items():
            self.warned[name] = self.warned.get(name, 0) + count


def score_to_file(
    package: Package, table: Table, out: Path, *, on_violation: OnViolation, count: int
) -> Predictions:
    """Score a table and write rows and predictions; the file appears only when it is whole.

    Parameters
    ----------
    count
        How many processes score.

    Raises
    ------
    ContractBroken
        A row breaks the contract, and `on_violation` is ``stop``.
    FileNotWritten
        The file cannot be written, or another process is at it.
    """
    if out.suffix not in (".parquet", ".csv"):
        raise FileNotWritten(f"Expected a file ending in .parquet or .csv, got {str(out)!r}.")
    beside = out.with_name(f"{out.stem}.violations{out.suffix}")
    tally = _Tally()
    with refusals_told(out), ExitStack() as stack:
        kept = stack.enter_context(journal(out, _job(package, table, on_violation)))
        submit = stack.enter_context(_submitting(package, on_violation, count))
        good = stack.enter_context(_writer(out))
        bad = stack.enter_context(_writer(beside))
        batches = stack.enter_context(watched(parts_of(table), title="Scoring", rows=table.rows))
        first = 0
        for rows, part, is_resumed in _scored(batches, submit, kept, ahead=2 * count):
            if part.values is None:
                raise stopped(package.uri, part.reasons, first=first, rows=first + rows.num_rows)
            tally.add(part, is_resumed=is_resumed)
            _write(good, bad, rows, part, first)
            first += rows.num_rows
        if not first:
            raise TableEmpty(f"Expected rows to score, got none in {table.origin}.")
    if not tally.quarantined:
        # What an earlier run set aside is no longer true.
        beside.unlink(missing_ok=True)
    return Predictions(
        package.uri,
        tally.rows,
        str(out),
        quarantined=tally.quarantined,
        quarantine=str(beside) if tally.quarantined else None,
        warned=tuple(sorted(tally.warned.items())),
        resumed=tally.resumed,
    )


def _job(package: Package, table: Table, on_violation: OnViolation) -> Mapping[str, Any] | None:
    """Tell this job from others: by the package, the files as they are now, and the options."""
    from dsml_magics.frames.files import stamps_of

    stamps = stamps_of(table.origin) if table.is_file else None
    if stamps is None:
        return None
    # The same files are read otherwise in another encoding.
    notes = [[note.code, dict(note.values)] for note in table.notes]
    return {
        "package": package.sealed,
        "files": stamps,
        "notes": notes,
        "on_violation": on_violation,
        "rows": ROWS,
    }


@contextmanager
def _submitting(package: Package, on_violation: OnViolation, count: int) -> Iterator[Submit]:
    if count > 1:
        with workers(count, package, on_violation) as submit:
            yield submit
        return
    scorer = package.load()

    def now(rows: "pa.Table") -> "Future[Part]":
        done: Future[Part] = Future()
        done.set_result(score_part(scorer, rows, on_violation))
        return done

    yield now


def _scored(
    parts: "Iterable[pa.Table]", submit: Submit, kept: Journal, *, ahead: int
) -> "Iterator[tuple[pa.Table, Part, bool]]":
    """Score parts, some ahead of the one that is written; in order."""
    waiting: deque[tuple[int, pa.Table, Part | Future[Part]]] = deque()
    for number, rows in enumerate(parts):
        waiting.append((number, rows, kept.read(number) or submit(rows)))
        if len(waiting) > ahead:
            yield _done(*waiting.popleft(), kept)
    while waiting:
        yield _done(*waiting.popleft(), kept)


def _done(
    number: int, rows: "pa.Table", part: "Part | Future[Part]", kept: Journal
) -> "tuple[pa.Table, Part, bool]":
    if isinstance(part, Part):
        return rows, part, True
    found = part.result()
    if found.values is not None:
        kept.write(number, found)
    return rows, found, False


def _write(good: Any, bad: Any, rows: "pa.Table", part: Part, first: int) -> None:
    import numpy as np
    import pyarrow as pa

    if part.reasons:
        mask = np.zeros(rows.num_rows, bool)
        mask[list(part.reasons)] = True
        aside = rows.filter(pa.array(mask)).append_column("violation", pa.array(list(part.reasons.values())))
        bad(aside.append_column("row", pa.array([first + row for row in part.reasons])))
        rows = rows.filter(pa.array(~mask))
    good(with_predictions(rows, part.values))


@contextmanager
def _writer(out: Path) -> "Iterator[Callable[[pa.Table], None]]":
    """Give what appends rows to a file that appears when the block ends well, if there were any."""
    import pyarrow as pa
    import pyarrow.parquet as pq
    from pyarrow import csv

    make = {".parquet": pq.ParquetWriter, ".csv": csv.CSVWriter}[out.suffix]
    with ExitStack() as stack:
        writer: Any = None
        schema: Any = None

        def write(rows: "pa.Table") -> None:
            nonlocal writer, schema
            rows = _plain(rows) if out.suffix == ".csv" else rows
            if writer is None:
                temporary, schema = stack.enter_context(replacing(out)), rows.schema
                writer = stack.enter_context(make(str(temporary), schema))
            try:
                writer.write_table(rows if rows.schema == schema else rows.cast(schema))
            except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
                reason = " ".join(str(error).split())[:200]
                raise FileNotWritten(f"Cannot write {str(out)!r}: {reason}.") from None

        yield write


def _plain(rows: "pa.Table") -> "pa.Table":
    """Write categories out: CSV knows none."""
    import pyarrow as pa

    fields = [
        pa.field(field.name, field.type.value_type if pa.types.is_dictionary(field.type) else field.type)
        for field in rows.schema
    ]
    return rows.cast(pa.schema(fields))
