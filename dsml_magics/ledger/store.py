"""Runs in the ledger: begun, recorded, ended."""

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.ledger.datasets import datasets
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.making import make_if_new
from dsml_magics.ledger.pages import all_pages
from dsml_magics.ledger.place import check, place
from dsml_magics.ledger.record import ID_TAG, Beginning, RunRecord
from dsml_magics.ledger.settings import without_bars

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BATCH = 100
_KEY_LENGTH = 250
_VALUE_LENGTH = 6000
_TAG_LENGTH = 5000
_MODEL_TAG = "dsml.model."
DEFAULTS_TAG = "dsml.defaults"
"""Parameters that the code left at their defaults, as JSON: a sweep over one shows them."""


@dataclass(frozen=True)
class Ledger:
    """An open ledger; `uri` is where it is."""

    client: "MlflowClient"
    uri: str

    def create_run(self, beginning: Beginning, *, parent: str | None = None, again: bool = True) -> str:
        """Make the run, unless it was made before; return MLflow's id.

        Parameters
        ----------
        parent
            MLflow's id of the run it is nested in.
        again
            Whether it may have been made before.
        """
        experiment_id = (
            self.experiment_id(beginning.experiment) if beginning.experiment else _default_experiment()
        )
        mine = f"tags.`{ID_TAG}` = '{beginning.id}'"
        if again and (found := self.client.search_runs([experiment_id], mine, max_results=1)):
            return str(found[0].info.run_id)
        tags = {**beginning.tags, ID_TAG: beginning.id, "mlflow.user": beginning.user}
        tags |= {"mlflow.source.name": beginning.source or "", "mlflow.source.type": "LOCAL"}
        if parent:
            tags["mlflow.parentRunId"] = parent
        run = self.client.create_run(experiment_id, beginning.started, cut(tags), beginning.name)
        return str(run.info.run_id)

    def write(self, run_id: str, record: RunRecord, *, again: bool = True) -> tuple[str, ...]:
        """Write down values of a run; return the names of parameters that it has already, with other values.

        Parameters
        ----------
        again
            Whether it may have parameters already.
        """
        from mlflow.entities import RunTag

        metrics = _metrics(record)
        params, lost = self._params(run_id, record.parameters, again=again)
        tags = [RunTag(key, value) for key, value in cut(record.tags).items()]
        # The usual run goes in one call; MLflow takes so many of each at once.
        for start in range(0, max(len(metrics), len(params), len(tags)), _BATCH):
            part = slice(start, start + _BATCH)
            self.client.log_batch(run_id, metrics=metrics[part], params=params[part], tags=tags[part])
        if record.tables:
            self.client.log_inputs(run_id, datasets=datasets(record.tables))
        return lost

    def _params(
        self, run_id: str, parameters: Mapping[str, str], *, again: bool
    ) -> tuple[list[Any], tuple[str, ...]]:
        """Leave out what MLflow has: a parameter cannot be changed."""
        from mlflow.entities import Param

        known = self.client.get_run(run_id).data.params if parameters and again else {}
        given = {key: value[:_VALUE_LENGTH] for key, value in by_key(parameters).items()}
        lost = tuple(key for key, value in given.items() if known.get(key, value) != value)
        return [Param(key, value) for key, value in given.items() if key not in known], lost

    def experiment_id(self, name: str) -> str:
        """Find an experiment by name, or make it."""
        from mlflow.exceptions import MlflowException

        found = self.client.get_experiment_by_name(name)
        try:
            return str(found.experiment_id if found else self.client.create_experiment(name))
        except MlflowException:
            # Another process made it meanwhile.
            found = self.client.get_experiment_by_name(name)
            if found is None:
                raise
            return str(found.experiment_id)

    def run_that_fitted(self, model_digest: str) -> str | None:
        """Find the latest run that fitted a model with this digest."""
        with failures(self.uri):
            experiments = [found.experiment_id for found in all_pages(self.client.search_experiments)]
            runs = self.client.search_runs(
                experiments,
                f"tags.`{_MODEL_TAG}{model_digest}` LIKE '%'",
                order_by=["start_time DESC"],
                max_results=1,
            )
            return str(runs[0].info.run_id) if runs else None

    def bring(self, run_id: str, path: str, folder: Path) -> None:
        """Download a folder of a run's artifacts, if there is one."""
        from mlflow.exceptions import MlflowException

        folder.mkdir(parents=True, exist_ok=True)
        with failures(self.uri), without_bars():
            try:
                self.client.download_artifacts(run_id, path, str(folder))
            except (MlflowException, OSError):
                (folder / path).mkdir(parents=True, exist_ok=True)

    def text(self, run_id: str, path: str) -> str | None:
        """Read a text among a run's artifacts, None if there is none."""
        from mlflow.exceptions import MlflowException

        with tempfile.TemporaryDirectory(prefix="dsml-run-") as work, failures(self.uri), without_bars():
            try:
                return Path(self.client.download_artifacts(run_id, path, work)).read_text(encoding="utf-8")
            except (MlflowException, OSError):
                return None

    def tags_of_run(self, run_id: str) -> dict[str, str]:
        """Return the tags of a run."""
        with failures(self.uri):
            return dict(self.client.get_run(run_id).data.tags)


def _default_experiment() -> str:
    from mlflow.tracking.fluent import _get_experiment_id

    return str(_get_experiment_id())


def _metrics(record: RunRecord) -> list[Any]:
    from mlflow.entities import Metric

    single = [Metric(key, value, record.ended, 0) for key, value in by_key(record.metrics).items()]
    return single + [
        Metric(key, value, record.ended, step)
        for key, values in by_key(record.series).items()
        for step, value in enumerate(values)
    ]


def model_tag(digest: str) -> str:
    """Name the tag by which a run says that it fitted a model."""
    return _MODEL_TAG + digest


def defaults_tag(defaults: Mapping[str, str]) -> dict[str, str]:
    """Write the tag of parameters left at their defaults: as many as MLflow has room for, the first first."""
    kept: dict[str, str] = {}
    room = _TAG_LENGTH - 2
    for name, value in defaults.items():
        room -= len(json.dumps({name: value}))
        if room >= 0:
            kept[name] = value
    return {DEFAULTS_TAG: json.dumps(kept)} if kept else {}


def defaults_in(tags: Mapping[str, str]) -> dict[str, str]:
    """Read what `defaults_tag` wrote; nothing of a tag that is missing or damaged."""
    try:
        found = json.loads(tags.get(DEFAULTS_TAG, "{}"))
    except ValueError:
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def key_of(name: str) -> str:
    """Fit a name into what MLflow allows for keys."""
    return re.sub(r"[^\w./ -]", "_", name)[:_KEY_LENGTH]


def by_key(values: Mapping[str, Any]) -> dict[str, Any]:
    """Fit names into what MLflow allows for keys; those that would be one get a number."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        key, number = key_of(name), 2
        while key in found:
            key, number = f"{key_of(name)[: _KEY_LENGTH - 8]}-{number}", number + 1
        found[key] = value
    return found


def cut(tags: Mapping[str, str]) -> dict[str, str]:
    """Fit tags into what MLflow allows."""
    return {key_of(name): value[:_TAG_LENGTH] for name, value in tags.items()}


def open_ledger(uri: str | None = None, *, waiting: bool = True) -> Ledger:
    """Open the ledger of this folder, or the one set for MLflow.

    Parameters
    ----------
    uri
        Of another ledger.
    waiting
        Whether to send first what waits for it.

    Raises
    ------
    LedgerError
        It cannot be read.
    """
    registry = uri
    # MLflow takes seconds to load: a ledger that is away is told before.
    if uri is None:
        uri = place()
    else:
        check(uri)
    import mlflow

    if registry is None and not mlflow.is_tracking_uri_set():
        mlflow.set_tracking_uri(uri)
    with failures(uri):
        make_if_new(uri)
        client = mlflow.MlflowClient(uri, registry)
        client.search_experiments(max_results=1)
        ledger = Ledger(client, uri)
    if waiting:
        from dsml_magics.ledger.sending import deliver

        deliver(ledger)
    return ledger
