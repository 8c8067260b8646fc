"""A process that asks MLflow's client where aliases are: a line of JSON with name and alias in, one with the version out."""

import json
import os
import sys
from typing import Any

from dsml_magics.errors import LedgerError
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.lean_mlflow import load_mlflow


def main() -> None:
    """Answer until the other end is closed."""
    out = os.fdopen(os.dup(1), "w", buffering=1)
    # What MLflow prints must not stand among the answers.
    os.dup2(2, 1)
    uri, client = os.environ["MLFLOW_TRACKING_URI"], None
    for line in sys.stdin:
        name, alias = json.loads(line)
        try:
            with failures(uri):
                client = client or _client(uri)
                answer: dict[str, Any] = {
                    "version": int(client.get_model_version_by_alias(name, alias).version)
                }
        except LedgerError as error:
            answer = {"error": str(error)}
        out.write(json.dumps(answer) + "\n")


def _client(uri: str) -> Any:
    load_mlflow()
    from mlflow import MlflowClient

    return MlflowClient(tracking_uri=uri)


if __name__ == "__main__":
    main()
