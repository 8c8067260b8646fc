"""A run as it stands in the ledger."""

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from dsml_magics.ledger.record import ID_TAG, SHORT_ID

State = Literal["finished", "failed", "killed", "running", "interrupted", "waiting"]
"""``interrupted``: its process went away; ``waiting``: it has ended, and is still on this machine."""


@dataclass(frozen=True)
class Run:
    """One run.

    Attributes
    ----------
    seconds
        How long it took; None while it goes on.
    metrics
        The last value of each.
    inputs
        Fingerprints of the tables it read, by name.
    """

    id: str
    name: str
    state: State
    experiment: str
    started: dt.datetime
    seconds: float | None = None
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def short_id(self) -> str:
        """The id that people read and type: the beginning of our own id, known at once; of MLflow's for a foreign run."""
        return (self.tags.get(ID_TAG) or self.id)[:SHORT_ID]

    def __str__(self) -> str:
        return self.id

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "id": self.id,
            "short_id": self.short_id,
            "name": self.name,
            "state": self.state,
            "experiment": self.experiment,
            "started": self.started.isoformat(),
            "seconds": self.seconds,
            "params": dict(self.params),
            "metrics": {name: _plain(value) for name, value in self.metrics.items()},
            "tags": dict(self.tags),
            "inputs": dict(self.inputs),
        }


def _plain(value: float) -> float | str:
    """JSON has neither NaN nor infinity."""
    return value if math.isfinite(value) else str(value)
