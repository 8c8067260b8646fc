"""What goes wrong with a ledger, as one clear error."""

from collections.abc import Iterator
from contextlib import contextmanager

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.place import no_server
from dsml_magics.redaction import redact


@contextmanager
def failures(uri: str) -> Iterator[None]:
    """Turn what MLflow and its database say into one clear error.

    Raises
    ------
    LedgerError
        The ledger could not be used, or its server went away.
    """
    from mlflow.exceptions import MlflowException
    from sqlalchemy.exc import SQLAlchemyError

    try:
        yield
    except (MlflowException, SQLAlchemyError, OSError) as error:
        reason = redact(" ".join(str(error).split()))[:300]
        if _is_gone(error):
            raise no_server(uri, reason) from error
        raise LedgerError(f"The ledger {redact(uri)} could not be used: {reason}") from error


def _is_gone(error: BaseException | None) -> bool:
    """Whether a connection broke below: a server that is dying may still take it."""
    import requests

    while error is not None:
        if isinstance(error, requests.ConnectionError | requests.Timeout):
            return True
        error = error.__cause__ or error.__context__
    return False
