"""Find versions in the ledger, by another process."""

import json
import os
import subprocess
import sys
from collections.abc import Sequence

from dsml_magics import errors
from dsml_magics.serve.place import Place


def resolved(references: Sequence[str], uri: str, *, verify_key: str | None = None) -> list[Place]:
    """Find the packages of references in the ledger at `uri`, their files checked.

    Raises
    ------
    DsmlError
        What the other process met.
    """
    words = [sys.executable, "-m", "dsml_magics.serve.resolver", json.dumps(list(references))]
    words += [] if verify_key is None else [verify_key]
    env = {**os.environ, "MLFLOW_TRACKING_URI": uri, "MLFLOW_DISABLE_TELEMETRY": "true"}
    done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
    lines = done.stdout.strip().splitlines()
    if not lines:
        said = (done.stderr.strip().splitlines() or ["it ended without a word"])[-1]
        raise errors.ServerUnusable(
            f"Expected to find {', '.join(references)} in the ledger, but: {said[:300]}."
        )
    found = json.loads(lines[-1])
    if "error" in found:
        raise getattr(errors, found["error"])(found["message"])
    return [Place(**place) for place in found["places"]]
