"""A table of runs."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, overload

from dsml_magics.runs.run import Run

if TYPE_CHECKING:
    import pandas as pd

    from dsml_magics.runs.widget import RunsWidget


@dataclass(frozen=True, repr=False)
class Runs(Sequence[Run]):
    """Runs, in the order that was asked for. Shows itself as text and as HTML."""

    runs: tuple[Run, ...]
    experiment: str | None = None

    @overload
    def __getitem__(self, index: int) -> Run: ...
    @overload
    def __getitem__(self, index: slice) -> "Runs": ...
    def __getitem__(self, index: int | slice) -> "Run | Runs":
        return Runs(self.runs[index], self.experiment) if isinstance(index, slice) else self.runs[index]

    def __len__(self) -> int:
        return len(self.runs)

    def __iter__(self) -> Iterator[Run]:
        return iter(self.runs)

    @property
    def params(self) -> list[str]:
        """Names of all parameters; those that differ between the runs first."""
        return _varying_first([run.params for run in self._above_first()])

    @property
    def metrics(self) -> list[str]:
        """Names of all metrics; the user's own first, then those that differ."""
        found = _varying_first([run.metrics for run in self._above_first()])
        return sorted(found, key=lambda name: name.startswith("dsml."))

    def _above_first(self) -> list[Run]:
        return sorted(self.runs, key=lambda run: "mlflow.parentRunId" in run.tags)

    def varies(self, name: str) -> bool:
        """Tell whether a parameter differs between the runs that have it, or is not in all."""
        return len({run.params.get(name) for run in self.runs}) > 1

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return {
            "schema": "dsml.runs/1",
            "experiment": self.experiment,
            "runs": [run.to_dict() for run in self.runs],
        }

    def to_json(self) -> str:
        """Return the runs as JSON text."""
        return json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False)

    def to_pandas(self) -> "pd.DataFrame":
        """Return a frame: a row a run, columns ``params.x`` and ``metrics.y``."""
        import pandas as pd

        rows = [
            {
                "id": run.id,
                "name": run.name,
                "state": run.state,
                "experiment": run.experiment,
                "started": run.started,
                "seconds": run.seconds,
                **{f"params.{name}": value for name, value in run.params.items()},
                **{f"metrics.{name}": value for name, value in run.metrics.items()},
            }
            for run in self.runs
        ]
        return pd.DataFrame(
            rows, columns=None if rows else ["id", "name", "state", "experiment", "started", "seconds"]
        )

    def to_text(self) -> str:
        """Return the table as text."""
        from dsml_magics.runs.text import table_of_runs

        return table_of_runs(self)

    def to_html(self) -> str:
        """Return the table as HTML without scripts."""
        from dsml_magics.runs.html import html_of_runs

        return html_of_runs(self)

    def widget(self) -> "RunsWidget":
        """Return the widget: sort, filter, parallel coordinates, metric against parameter; `selected` holds ids."""
        from dsml_magics.runs.widget import RunsWidget

        return RunsWidget(table=self.to_dict())

    def __str__(self) -> str:
        return self.to_text()

    def __repr__(self) -> str:
        return f"<Runs: {len(self.runs)}>"

    def _repr_mimebundle_(self, **_: Any) -> dict[str, str]:
        return {"text/plain": self.to_text(), "text/html": self.to_html()}


def _varying_first(values: Sequence[Any]) -> list[str]:
    names = dict.fromkeys(name for each in values for name in each)
    varying = {name for name in names if len({str(each.get(name)) for each in values}) > 1}
    return sorted(names, key=lambda name: name not in varying)
