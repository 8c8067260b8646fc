"""One name keeps one role, parameter or metric, across the runs of an experiment: the first one it had."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from dsml_magics.ledger.record import RunRecord

if TYPE_CHECKING:
    from mlflow import MlflowClient

_EARLIER = 30
"""Runs that are looked at; since each of them kept the roles of those before it, few are enough."""
_OWN = "dsml."


def with_earlier_roles(client: "MlflowClient", run_id: str, record: RunRecord) -> RunRecord:
    """Move numbers between the parameters and metrics of a record, as earlier runs of its experiment have them.

    What the user chose by ``--params`` or ``--metrics`` stays.
    """
    movable = _movable(record)
    if not movable:
        return record
    experiment = client.get_run(run_id).info.experiment_id
    found = client.search_runs([experiment], max_results=_EARLIER, order_by=["attributes.start_time DESC"])
    earlier = [run.data for run in found if run.info.run_id != run_id]
    params, metrics = _names(run.params for run in earlier), _names(run.metrics for run in earlier)
    return _moved(record, movable & (params - metrics), movable & (metrics - params))


def _names(values: Iterable[Mapping[str, Any]]) -> set[str]:
    return {name for each in values for name in each}


def _movable(record: RunRecord) -> set[str]:
    numbers = {name for name, value in record.parameters.items() if _number(value) is not None}
    own = {name for name in record.metrics if not name.startswith(_OWN)}
    return (numbers | own) - set(record.chosen)


def _moved(record: RunRecord, to_parameters: set[str], to_metrics: set[str]) -> RunRecord:
    parameters = {name: value for name, value in record.parameters.items() if name not in to_metrics}
    metrics = {name: value for name, value in record.metrics.items() if name not in to_parameters}
    for name in to_parameters & record.metrics.keys():
        parameters[name] = repr(record.metrics[name])
    for name in to_metrics & record.parameters.keys():
        value = _number(record.parameters[name])
        if value is not None:
            metrics[name] = value
    return replace(record, parameters=parameters, metrics=metrics)


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
