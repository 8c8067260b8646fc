"""MLflow for processes that only ask the ledger."""

from contextlib import suppress
from importlib.metadata import entry_points

from dsml_magics.process.absent import absent

_DATABASES = ("sqlite", "postgresql", "mysql", "mssql")
_STORE = ("dsml_magics.ledger.sql", "dsml_magics.ledger.sending", "dsml_magics.ledger.store")
_PLUGINS = frozenset(
    (
        "mlflow.tracking_store",
        "mlflow.artifact_repository",
        "mlflow.run_context_provider",
        "mlflow.request_header_provider",
        "mlflow.request_auth_provider",
        "mlflow.default_experiment_provider",
    )
)


def load_mlflow() -> None:
    """Load MLflow without the libraries of tables, as its skinny release is: they take a third of its start."""
    # What others have plugged into it may need them.
    if _PLUGINS & entry_points().groups:
        return
    with suppress(ImportError), absent("pandas", "polars", "pyspark"):
        import mlflow  # noqa: F401


def libraries_of(uri: str) -> tuple[str, ...]:
    """Name the modules of MLflow that a process needs for the ledger at `uri`; importing them is most of its start."""
    return _STORE if uri.startswith(_DATABASES) else ()
