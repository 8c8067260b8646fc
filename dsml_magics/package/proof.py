"""What was proved of a package, before it was registered."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Literal

SCHEMA = "dsml.proof/2"
FILE = "dsml/proof.json"
OTHER_ANSWERS = "other answers than among other rows"


@dataclass(frozen=True)
class Edge:
    """A row at the edge of the contract.

    Attributes
    ----------
    name
        What is odd about it, such as ``age: missing``.
    promise
        What the contract promises for it.
    said
        What happened instead; empty if the promise was kept.
    """

    name: str
    promise: Literal["answers", "refuses"]
    said: str = ""

    @property
    def is_kept(self) -> bool:
        return not self.said

    @property
    def is_difference(self) -> bool:
        """Whether it was answered, but otherwise than elsewhere, as a model does that is random."""
        return self.said == OTHER_ANSWERS


@dataclass(frozen=True)
class GateResult:
    """A condition on the package: `gate` as it was written, and the figure that was measured."""

    gate: str
    value: float
    passed: bool

    def __str__(self) -> str:
        return f"{self.gate}: {self.value:.6g}, {'passed' if self.passed else 'failed'}"


@dataclass(frozen=True)
class Slice:
    """Metrics on the rows where `column` has `value`."""

    column: str
    value: str
    rows: int
    metrics: Mapping[str, float]


@dataclass(frozen=True)
class Latency:
    """Wall time of single rows, contract included, in one thread, in milliseconds; and rows a second in one batch."""

    calls: int
    p50_ms: float
    p99_ms: float
    rows_per_second: float


@dataclass(frozen=True)
class Proof:
    """What a fresh process found when it loaded the package.

    Attributes
    ----------
    rows
        How many rows of the data were predicted.
    methods
        Which methods were compared with those of the notebook's model.
    differences
        Where they differ; none if all are equal bit for bit.
    approved_by
        Who accepted the differences.
    made_up
        How many made-up rows were predicted too; they travel with the package, so that it can be checked later.
    edges
        Rows at the edges of the contract.
    metrics, slices
        On the data, where their target was given.
    format, reason
        How the model is written, and why so.
    path, path_reason
        How requests are answered: ``compiled`` if the pipeline's plan gave the same bits for all rows and edges, else
        ``plain``; and why.
    python, platform
        What ran the proof.
    """

    rows: int
    methods: tuple[str, ...]
    python: str
    load_seconds: float
    differences: tuple[str, ...] = ()
    approved_by: str | None = None
    made_up: int = 0
    edges: tuple[Edge, ...] = ()
    gates: tuple[GateResult, ...] = ()
    metrics: Mapping[str, float] = field(default_factory=dict)
    slices: tuple[Slice, ...] = ()
    latency: Latency | None = None
    size_mb: float = 0.0
    format: str = ""
    reason: str = ""
    platform: str = ""
    path: Literal["compiled", "plain"] = "plain"
    path_reason: str = ""

    @property
    def is_equal(self) -> bool:
        """Whether the package predicts bit for bit what the notebook's model did."""
        return not self.differences

    @property
    def summary(self) -> str:
        """The verdict in a line."""
        if self.differences:
            return f"differs, approved by {self.approved_by}: {self.differences[0]}"
        return f"{', '.join(self.methods)} equal bit for bit on {self.rows:,} rows in a fresh process"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {"schema": SCHEMA, **asdict(self)}

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> "Proof":
        """Read what `to_dict` gave, of this or an earlier release."""
        known = {key: value for key, value in content.items() if key in cls.__dataclass_fields__}
        latency = known.get("latency")
        return cls(
            **{
                **known,
                "methods": tuple(known.get("methods", ())),
                "differences": tuple(known.get("differences", ())),
                "edges": tuple(Edge(**each) for each in known.get("edges", ())),
                "gates": tuple(GateResult(**each) for each in known.get("gates", ())),
                "slices": tuple(Slice(**each) for each in known.get("slices", ())),
                "latency": Latency(**latency) if latency else None,
            }
        )


def broken(edges: Sequence[Edge], *, differing: bool) -> list[Edge]:
    """List the edges where a promise was not kept.

    Parameters
    ----------
    differing
        Whether it was accepted that answers differ.
    """
    return [edge for edge in edges if not edge.is_kept and not (differing and edge.is_difference)]
