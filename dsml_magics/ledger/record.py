"""What is written down of a run: plain values, no MLflow."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
    """

    name: str
    fingerprint: str
    rows: int
    types: Mapping[str, str]


@dataclass(frozen=True)
class RunRecord:
    """Everything about a run that is known when it has ended.

    `texts` are artifacts by their path; `error` is the exception's one-line form if it failed.
    """

    parameters: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    tables: tuple[TableRead, ...] = ()
    texts: Mapping[str, str] = field(default_factory=dict)
    failed: bool = False
