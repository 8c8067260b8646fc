"""What is written down of a run: plain values, no MLflow."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal, Self

from dsml_magics.redaction import redact, redact_each

Status = Literal["FINISHED", "FAILED", "KILLED"]
"""How a run ended, in MLflow's words; KILLED is one that was interrupted."""
ID_TAG = "dsml.id"
"""Our own id of a run, known before MLflow's."""
SHORT_ID = 8
"""So many characters of a run's id are shown; every command takes them."""


@dataclass(frozen=True)
class TableRead:
    """A table that a run read.

    Attributes
    ----------
    name
        The variable that held it.
    fingerprint
        Of its schema and content.
    types
        Arrow type by column.
    source
        The file it was read from, where that is known.
    profile
        The artifact that holds its profile.
    """

    name: str
    fingerprint: str
    rows: int
    types: Mapping[str, str]
    source: str | None = None
    profile: str | None = None


@dataclass(frozen=True)
class RunRecord:
    """Everything about a run that is known when it has ended.

    Attributes
    ----------
    series
        Metrics with a value for each step.
    ended
        Milliseconds since 1970.
    chosen
        Names of which the user said whether they are parameters or metrics.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    series: Mapping[str, tuple[float, ...]] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TableRead, ...] = ()
    status: Status = "FINISHED"
    ended: int = 0
    chosen: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    def redacted(self, secrets: Collection[str] = ()) -> Self:
        """Return the record without `secrets`, and others that are known by their name or shape."""
        tables = tuple(
            replace(table, source=table.source and redact(table.source, secrets)) for table in self.tables
        )
        parameters, tags = redact_each(self.parameters, secrets), redact_each(self.tags, secrets)
        return replace(self, parameters=parameters, tags=tags, tables=tables)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Read what `to_dict` gave.

        Raises
        ------
        ValueError
            It is something else.
        """
        try:
            series = {name: tuple(steps) for name, steps in values["series"].items()}
            tables = tuple(TableRead(**table) for table in values["tables"])
            chosen = tuple(values.get("chosen", ()))  # spools of earlier releases have none
            return cls(**{**values, "series": series, "tables": tables, "chosen": chosen})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"Expected the record of a run, but: {error!r}.") from None


@dataclass(frozen=True)
class Beginning:
    """What is known of a run when it begins.

    Attributes
    ----------
    id
        Ours: known before MLflow makes the run, and its tag ``dsml.id``.
    ledger
        A digest of the tracking URI, which may hold a password.
    place
        The tracking URI without it.
    folder
        Where the process works: MLflow keeps files of a local ledger beside that.
    run
        MLflow's id, if the run is there already.
    parent
        Our id of the run it is nested in.
    started
        Milliseconds since 1970.
    process, process_started
        Id and start of the process that runs the block.
    """

    id: str
    name: str
    ledger: str
    place: str
    folder: str
    started: int
    process: int
    process_started: float
    host: str
    user: str
    experiment: str | None = None
    run: str | None = None
    parent: str | None = None
    resumed: bool = False
    source: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)
