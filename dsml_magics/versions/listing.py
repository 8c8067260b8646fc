"""A table of packaged models."""

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, overload

from dsml_magics.ledger.moves import Move, approvers, history
from dsml_magics.ledger.registry import model_of, registered_names
from dsml_magics.ledger.store import open_ledger

if TYPE_CHECKING:
    import pandas as pd

    from dsml_magics.versions.widget import ModelsWidget

_METRIC = "dsml.metric."


@dataclass(frozen=True)
class ModelVersion:
    """A registered version.

    Attributes
    ----------
    aliases
        Such as ``champion``.
    made
        When it was registered, in UTC.
    by
        Who deployed it.
    metrics
        On the data of its proof.
    proof
        The verdict in a line; empty for a model that was not deployed by us.
    run_id
        The run that fitted it.
    """

    name: str
    number: int
    aliases: tuple[str, ...]
    made: dt.datetime
    by: str
    metrics: Mapping[str, float]
    proof: str
    run_id: str | None

    @property
    def age(self) -> str:
        """How long ago it was registered, in the largest whole unit."""
        seconds = (dt.datetime.now(dt.UTC) - self.made).total_seconds()
        for unit, length in (("d", 86_400), ("h", 3600), ("min", 60)):
            if seconds >= length:
                return f"{int(seconds // length)} {unit}"
        return "just now"

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "name": self.name,
            "version": self.number,
            "aliases": list(self.aliases),
            "made": self.made.isoformat(),
            "age": self.age,
            "by": self.by,
            "metrics": {name: value for name, value in self.metrics.items() if value == value},  # noqa: PLR0124  NaN
            "proof": self.proof,
            "run": self.run_id,
        }


@dataclass(frozen=True, repr=False)
class Models(Sequence[ModelVersion]):
    """Versions of packaged models, the latest first. Shows itself as text and as HTML.

    Attributes
    ----------
    moves
        How the champion of each name moved, the first move first.
    approvers
        Who alone may promote, by name.
    """

    versions: tuple[ModelVersion, ...]
    moves: Mapping[str, Sequence[Move]] = field(default_factory=dict)
    approvers: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @overload
    def __getitem__(self, index: int) -> ModelVersion: ...
    @overload
    def __getitem__(self, index: slice) -> "Models": ...
    def __getitem__(self, index: int | slice) -> "ModelVersion | Models":
        if isinstance(index, slice):
            return Models(self.versions[index], self.moves, self.approvers)
        return self.versions[index]

    def __len__(self) -> int:
        return len(self.versions)

    def __iter__(self) -> Iterator[ModelVersion]:
        return iter(self.versions)

    @property
    def metrics(self) -> list[str]:
        """Names of all metrics, the usual ones first."""
        found = dict.fromkeys(name for version in self.versions for name in version.metrics)
        first = ("roc_auc", "accuracy", "f1", "r2", "rmse", "mae")
        return sorted(found, key=lambda name: first.index(name) if name in first else len(first))

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema": "dsml.models/1",
            "metrics": self.metrics,
            "versions": [version.to_dict() for version in self.versions],
            "moves": {name: [str(move) for move in moves] for name, moves in self.moves.items()},
            "approvers": {name: list(users) for name, users in self.approvers.items()},
        }

    def to_json(self) -> str:
        """Return the table as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a frame with a row a version; metrics as columns ``metrics.x``."""
        import pandas as pd

        rows = [version.to_dict() for version in self.versions]
        for row in rows:
            row |= {f"metrics.{name}": value for name, value in row.pop("metrics").items()}
        return pd.DataFrame(rows)

    def widget(self) -> "ModelsWidget":
        """Return the widget: sort and filter versions, see how the champion moved; `selected` names a version."""
        from dsml_magics.versions.widget import ModelsWidget

        return ModelsWidget(table=self.to_dict())

    def __str__(self) -> str:
        from dsml_magics.versions.text import text_of_models

        return text_of_models(self)

    def __repr__(self) -> str:
        return f"<Models: {len(self.versions)} versions>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        from dsml_magics.versions.html import html_of_models

        return {"text/plain": str(self), "text/html": html_of_models(self)}


def models_of(name: str | None) -> Models:
    """List the versions of a name, or of all.

    Raises
    ------
    ModelNotFound
        There is no such name.
    """
    ledger = open_ledger()
    names = [name] if name else registered_names(ledger)
    found = [model_of(ledger, each) for each in names]
    versions = [version for model, versions in found for version in _versions(model, versions)]
    return Models(
        tuple(versions),
        {model.name: history(model) for model, _ in found},
        {model.name: approvers(model) for model, _ in found if approvers(model)},
    )


def _versions(model: Any, versions: Sequence[Any]) -> Iterator[ModelVersion]:
    for version in sorted(versions, key=lambda each: -int(each.version)):
        aliases = sorted(
            alias for alias, number in model.aliases.items() if str(number) == str(version.version)
        )
        tags = dict(version.tags)
        yield ModelVersion(
            name=model.name,
            number=int(version.version),
            aliases=tuple(aliases),
            made=dt.datetime.fromtimestamp(version.creation_timestamp / 1000, dt.UTC),
            by=tags.get("dsml.deployed_by", version.user_id or ""),
            metrics={
                key.removeprefix(_METRIC): float(value)
                for key, value in tags.items()
                if key.startswith(_METRIC)
            },
            proof=tags.get("dsml.proof", ""),
            run_id=version.run_id or None,
        )
