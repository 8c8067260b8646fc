"""A table: a schema and a stream of Arrow record batches, however it was opened."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import TYPE_CHECKING, TypeAlias

from dsml_magics.errors import ColumnNotFound, ColumnUnusable, TableEmpty, hint
from dsml_magics.frames.names import distinct_names
from dsml_magics.frames.note import Note

if TYPE_CHECKING:
    import pyarrow as pa

BATCH_ROWS = 65_536

Summarise: TypeAlias = "Callable[[Iterator[pa.RecordBatch]], bytes]"
Merge: TypeAlias = "Callable[[Iterator[bytes]], bytes]"
Partitions: TypeAlias = "Callable[[Summarise, Merge], Iterator[bytes]]"


@dataclass(frozen=True)
class Table:
    """A table that can be streamed.

    Attributes
    ----------
    schema
        Names and Arrow types of the columns.
    stream
        Opens a new iterator over the batches; each call starts from the first row.
    origin
        What was opened: a path, or the type of the object.
    rows
        Number of rows where it is known without reading, else None.
    partitions
        For a table that lies in parts on many machines, else None: ``partitions(summarise, merge)`` runs `summarise`
        over the batches of each part where it lies, `merge` there over summaries while there are many, and brings
        the rest back one by one, in no fixed order, at least one. Both functions travel by name, so they must be
        importable there. Batches have the types of `schema`; a part without rows is one batch without rows.
    is_file
        Whether `origin` is the path of files.
    literals
        For columns that the frame has under another name: see `names.Names`.
    notes
        What was changed while it was opened.
    """

    schema: "pa.Schema"
    stream: Callable[[], Iterable["pa.RecordBatch"]]
    origin: str
    rows: int | None = None
    partitions: "Partitions | None" = None
    is_file: bool = False
    literals: Mapping[str, str | None] = field(default_factory=lambda: MappingProxyType({}))
    notes: tuple[Note, ...] = ()

    def __post_init__(self) -> None:
        check_names(self.schema.names, origin=self.origin)

    @property
    def columns(self) -> list[str]:
        return list(self.schema.names)

    def batches(self) -> Iterator["pa.RecordBatch"]:
        """Stream the rows from the first one on, in batches of any size; parts are fetched one after the other."""
        return iter(self.stream())

    def to_arrow(self) -> "pa.Table":
        """Read the whole table into memory."""
        import pyarrow as pa

        return pa.Table.from_batches(self.batches(), schema=self.schema)

    def head(self, rows: int) -> "pa.Table":
        """Read the first `rows` rows."""
        import pyarrow as pa

        taken, missing = [], rows
        for batch in self.batches():
            taken.append(batch.slice(0, missing))
            missing -= batch.num_rows
            if missing <= 0:
                break
        return pa.Table.from_batches(taken, schema=self.schema)

    def require_column(self, name: str) -> str:
        """Return `name` if it is a column.

        Raises
        ------
        ColumnNotFound
            With the nearest name there is.
        """
        if name not in self.schema.names:
            raise ColumnNotFound(f"No column {name!r} in {self.origin}. {hint(name, self.columns)}")
        return name


def check_names(names: Sequence[object], *, origin: str) -> None:
    """Refuse columns that cannot be told apart or named in a file.

    Raises
    ------
    TableEmpty
        There is no column.
    ColumnUnusable
        A name is no text, or stands twice.
    """
    if not names:
        raise TableEmpty(f"Expected a table with columns, got none in {origin}.")
    if odd := [name for name in names if not isinstance(name, str)]:
        raise ColumnUnusable(
            f"Expected text for column names, got {odd[0]!r} ({type(odd[0]).__name__}) in {origin}. "
            "Rename them, as in `df.columns = df.columns.map(str)`."
        )
    if twice := [name for name, count in Counter(names).items() if count > 1]:
        raise ColumnUnusable(
            f"Expected distinct column names, got {', '.join(map(repr, twice[:5]))} more than once in {origin}. "
            "Rename or drop one."
        )


def table_of_arrow(arrow: "pa.Table", origin: str) -> Table:
    """Wrap an Arrow table in memory; names that stand twice are numbered."""
    names = distinct_names(arrow.column_names)
    named = arrow.rename_columns(list(names.texts)) if names.notes else arrow
    return Table(
        named.schema,
        lambda: named.to_batches(max_chunksize=BATCH_ROWS),
        origin,
        named.num_rows,
        literals=names.literals,
        notes=names.notes,
    )
