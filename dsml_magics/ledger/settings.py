"""Settings of MLflow that hold for a while."""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager


@contextmanager
def tracking(uri: str) -> Iterator[None]:
    """Let MLflow look for models in another ledger meanwhile: it finds them by one setting for all."""
    import mlflow

    before = mlflow.get_tracking_uri()
    mlflow.set_tracking_uri(uri)
    try:
        yield
    finally:
        mlflow.set_tracking_uri(before)


def without_bars() -> AbstractContextManager[None]:
    """Keep MLflow from drawing a progress bar for each small file."""
    return _set("MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR", "false")


def without_addresses() -> AbstractContextManager[None]:
    """Keep MLflow from printing the run's address: the cell it would be printed below may be another one."""
    return _set("MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT", "true")


@contextmanager
def _set(name: str, value: str) -> Iterator[None]:
    before = os.environ.get(name)
    os.environ[name] = value
    try:
        yield
    finally:
        if before is None:
            del os.environ[name]
        else:
            os.environ[name] = before
