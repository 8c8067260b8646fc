"""Runs that are active in MLflow while their block runs, so that what the user logs by hand lands in them."""

import sys

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.making import make_if_new
from dsml_magics.ledger.place import check
from dsml_magics.ledger.record import Status


def begin_live(name: str, uri: str, *, experiment: str | None, resume: str | None, source: str) -> str | None:
    """Make a run MLflow's active one, if the block may log to MLflow by itself; return its id.

    None where nothing has imported MLflow and the block does not name it, which saves MLflow's import, and where the
    ledger does not answer.
    """
    if "mlflow" not in sys.modules and "mlflow" not in source:
        return None
    import mlflow

    from dsml_magics.ledger.failures import failures

    try:
        check(uri)
        with failures(uri):
            make_if_new(uri)
            if not mlflow.is_tracking_uri_set():
                mlflow.set_tracking_uri(uri)
            chosen = None
            if experiment and resume is None:
                from dsml_magics.ledger.store import Ledger

                chosen = Ledger(mlflow.MlflowClient(uri), uri).experiment_id(experiment)
            active = mlflow.start_run(resume, chosen, None if resume else name, nested=True)
            return str(active.info.run_id)
    except LedgerError:
        # The run is kept, and the outbox says so.
        return None


def end_live(run_id: str, status: Status) -> None:
    """Make the run no longer the active one; one that the block ended by itself stays as it is."""
    import mlflow

    from dsml_magics.ledger.failures import failures

    active = mlflow.active_run()
    if active is None or active.info.run_id != run_id:
        return
    try:
        with failures(mlflow.get_tracking_uri()):
            mlflow.end_run(status)
    except LedgerError:
        # MLflow has taken it off before it asked the ledger, which the outbox will tell how it ended.
        return
