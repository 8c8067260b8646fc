"""Find versions in the ledger, by another process."""

import json
import os
import tempfile
from collections.abc import Sequence
from contextlib import suppress

from dsml_magics import errors as known_errors
from dsml_magics.ledger.lean_mlflow import libraries_of
from dsml_magics.process.child import start
from dsml_magics.serve.place import Place


def resolved(references: Sequence[str], uri: str, *, verify_key: str | None = None) -> list[Place]:
    """Find the packages of references in the ledger at `uri`, their files checked.

    Raises
    ------
    DsmlError
        What the other process met.
    """
    environment = {**os.environ, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    with tempfile.TemporaryFile() as errors:
        process = start(
            "dsml_magics.serve.resolver",
            folder=os.getcwd(),  # noqa: PTH109  as MLflow will see it
            environment=environment,
            errors=errors.fileno(),
            # Too rare to keep MLflow loaded for it.
            is_only=True,
            loaded=("dsml_magics.serve.resolver", *libraries_of(uri)),
        )
        asked = {"references": list(references), "verify_key": verify_key}
        with process.stdout, suppress(BrokenPipeError), process.stdin:
            process.stdin.write(json.dumps(asked).encode() + b"\n")
            process.stdin.flush()
            lines = process.stdout.read().decode().strip().splitlines()
        process.wait()
        errors.seek(0)
        told = errors.read().decode(errors="replace").strip().splitlines()
    if not lines:
        said = (told or ["it ended without a message"])[-1]
        raise known_errors.ServerUnusable(
            f"Expected to find {', '.join(references)} in the ledger, but: {said[:300]}."
        )
    found = json.loads(lines[-1])
    if "error" in found:
        raise getattr(known_errors, found["error"])(found["message"])
    return [Place(**place) for place in found["places"]]
