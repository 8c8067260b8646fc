"""Who begins a run, where and when: what is the same for every run of a process."""

import getpass
import os
import socket
import time
import uuid
from typing import Any

from dsml_magics.ledger.place import digest_of
from dsml_magics.ledger.record import Beginning
from dsml_magics.redaction import redact


def beginning_here(name: str, uri: str, **more: Any) -> Beginning:
    """Describe a run that begins now, in this process; `more` are further facts of `Beginning`."""
    facts: dict[str, Any] = {"id": uuid.uuid4().hex, **more}
    return Beginning(
        name=name,
        ledger=digest_of(uri),
        place=redact(uri),
        folder=os.getcwd(),  # noqa: PTH109  as MLflow will see it
        started=now(),
        process=os.getpid(),
        process_started=_process_started(),
        host=socket.gethostname(),
        user=_user(),
        **facts,
    )


def now() -> int:
    """Return the time in milliseconds since 1970."""
    return int(time.time() * 1000)


def _process_started() -> float:
    import psutil

    return float(psutil.Process().create_time())


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return ""
