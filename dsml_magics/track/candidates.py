"""The candidates of a search, each as a run of its own."""

import math
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from dsml_magics.ledger.record import Beginning, RunRecord
from dsml_magics.ledger.spool import spool

_MOST = 200
"""More candidates would hide the runs they are nested in."""
_METRICS = ("mean_test_", "std_test_", "mean_train_", "mean_fit_time", "mean_score_time", "rank_test_")


def write_candidates(above: Beginning, models: Mapping[str, Any], *, ended: int) -> None:
    """Put the candidates of all searches among the models into the spool, best first."""
    for name, model in models.items():
        for record in records_of(model, ended=ended):
            number = record.tags["dsml.candidate"]
            own = replace(
                above, id=uuid.uuid4().hex, name=f"{name} {number}", run=None, parent=above.id, resumed=False
            )
            entry = spool().begin(own, {})
            entry.end(record)
            entry.close()


def records_of(search: Any, *, ended: int) -> Iterator[RunRecord]:
    """Read scikit-learn's ``cv_results_``: one record a candidate, best first; none for what is no search."""
    results = getattr(search, "cv_results_", None)
    if not isinstance(results, Mapping) or "params" not in results:
        return
    ranks = next((list(results[key]) for key in results if key.startswith("rank_test_")), None)
    numbers = range(len(results["params"]))
    best_first = sorted(numbers, key=lambda number: ranks[number]) if ranks else list(numbers)
    for number in best_first[:_MOST]:
        metrics = {
            key: float(results[key][number])
            for key in results
            if key.startswith(_METRICS) and not math.isnan(float(results[key][number]))
        }
        yield RunRecord(
            parameters={str(key): str(value) for key, value in results["params"][number].items()},
            metrics=metrics,
            series=_splits(results, number),
            tags={"dsml.candidate": str(number)},
            ended=ended,
        )


def _splits(results: Mapping[str, Any], number: int) -> dict[str, tuple[float, ...]]:
    """Collect the score of each fold, as steps."""
    found: dict[str, list[float]] = {}
    for key in results:
        if key.startswith("split") and "_test_" in key:
            metric = "test_" + key.partition("_test_")[2]
            found.setdefault(metric, []).append(float(results[key][number]))
    return {metric: tuple(values) for metric, values in found.items()}
