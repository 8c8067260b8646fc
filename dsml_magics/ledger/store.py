"""Runs in the ledger: begun, recorded, ended."""

import json
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.place import place
from dsml_magics.ledger.record import RunRecord, TableRead
from dsml_magics.ledger.secrets import masked

if TYPE_CHECKING:
    from mlflow import MlflowClient

_BATCH = 100
_KEY_LENGTH = 250
_VALUE_LENGTH = 6000
_TAG_LENGTH = 5000
_MODEL_TAG = "dsml.model."
_COLUMN_TYPES = (
    (r"u?int(8|16)|int32|u?int32", "integer"),
    (r"u?int64", "long"),
    (r"halffloat|float", "float"),
    (r"double|decimal.*", "double"),
    (r"bool", "boolean"),
    (r"timestamp.*|date.*", "datetime"),
    (r"binary.*|large_binary", "binary"),
)


@dataclass(frozen=True)
class Ledger:
    """An open ledger; `uri` is where it is."""

    client: "MlflowClient"
    uri: str

    def begin_run(self, name: str, *, experiment: str | None = None) -> str:
        """Begin a run and make it the active one, so that MLflow calls inside it land in it.

        Returns
        -------
        str
            The id of the run.
        """
        import mlflow

        with failures(self.uri):
            experiment_id = self.experiment_id(experiment) if experiment else None
            return str(mlflow.start_run(run_name=name, experiment_id=experiment_id, nested=True).info.run_id)

    def end_run(self, run_id: str, record: RunRecord) -> None:
        """Write down what is known of a run, and end it as FINISHED or FAILED."""
        import mlflow

        with failures(self.uri):
            try:
                self._write(run_id, record)
            finally:
                active = mlflow.active_run()
                status = "FAILED" if record.failed else "FINISHED"
                if active and active.info.run_id == run_id:
                    mlflow.end_run(status)
                else:
                    self.client.set_terminated(run_id, status)

    def experiment_id(self, name: str) -> str:
        """Find an experiment by name, or make it."""
        found = self.client.get_experiment_by_name(name)
        return str(found.experiment_id if found else self.client.create_experiment(name))

    def run_that_fitted(self, model_digest: str) -> str | None:
        """Find the latest run that fitted a model with this digest."""
        with failures(self.uri):
            experiments = [found.experiment_id for found in self.client.search_experiments()]
            runs = self.client.search_runs(
                experiments,
                f"tags.`{_MODEL_TAG}{model_digest}` LIKE '%'",
                order_by=["start_time DESC"],
                max_results=1,
            )
            return str(runs[0].info.run_id) if runs else None

    def tags_of_run(self, run_id: str) -> dict[str, str]:
        """Return the tags of a run."""
        with failures(self.uri):
            return dict(self.client.get_run(run_id).data.tags)

    def _write(self, run_id: str, record: RunRecord) -> None:
        from mlflow.entities import Metric, Param, RunTag

        now = int(time.time() * 1000)
        metrics = [Metric(key_of(name), value, now, 0) for name, value in record.metrics.items()]
        params = [Param(key_of(name), value[:_VALUE_LENGTH]) for name, value in record.parameters.items()]
        tags = [RunTag(key, value[:_TAG_LENGTH]) for key, value in record.tags.items()]
        # The usual run goes in one call; MLflow takes so many of each at once.
        for start in range(0, max(len(metrics), len(params), len(tags)), _BATCH):
            part = slice(start, start + _BATCH)
            self.client.log_batch(run_id, metrics=metrics[part], params=params[part], tags=tags[part])
        if record.tables:
            self.client.log_inputs(run_id, datasets=_datasets(record.tables))
        for path, text in record.texts.items():
            self.client.log_text(run_id, text, path)


def model_tag(digest: str) -> str:
    """Name the tag by which a run says that it fitted a model."""
    return _MODEL_TAG + digest


def key_of(name: str) -> str:
    """Fit a name into what MLflow allows for keys."""
    return re.sub(r"[^\w./ -]", "_", name)[:_KEY_LENGTH]


def open_ledger() -> Ledger:
    """Open the ledger of this folder, or the one set for MLflow.

    Raises
    ------
    LedgerError
        It cannot be read.
    """
    import mlflow

    uri = place()
    with failures(uri):
        if not mlflow.is_tracking_uri_set():
            mlflow.set_tracking_uri(uri)
        client = mlflow.MlflowClient(uri)
        client.search_experiments(max_results=1)
        return Ledger(client, uri)


@contextmanager
def failures(uri: str) -> Iterator[None]:
    """Turn what MLflow and its database say into one clear error."""
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        reason = masked(" ".join(str(error).split()))[:300]
        raise LedgerError(f"The ledger {masked(uri)} could not be used: {reason}") from error


def _datasets(tables: Sequence[TableRead]) -> list[Any]:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    return [
        DatasetInput(
            Dataset(
                name=table.name,
                digest=table.fingerprint,
                source_type="code",
                source=json.dumps({"tags": {"dsml.variable": table.name}}),
                schema=_schema(table),
                profile=json.dumps({"num_rows": table.rows, "num_elements": table.rows * len(table.types)}),
            ),
            [InputTag("mlflow.data.context", "training")],
        )
        for table in tables
    ]


def _schema(table: TableRead) -> str | None:
    columns = [
        {"type": _column_type(kind), "name": name, "required": False} for name, kind in table.types.items()
    ]
    text = json.dumps({"mlflow_colspec": columns})
    # MLflow refuses longer schemas; the names are in dsml/cell.json all the same.
    return text if len(text) < 60_000 else None


def _column_type(arrow: str) -> str:
    return next((ours for pattern, ours in _COLUMN_TYPES if re.fullmatch(pattern, arrow)), "string")
