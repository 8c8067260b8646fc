"""Where this user's files of dsml_magics are kept: runs on their way to a ledger, and what can be made again."""

import os
from pathlib import Path


def home() -> Path:
    """Return the folder named by ``DSML_HOME``, else the one the system keeps for data of programs."""
    if named := os.environ.get("DSML_HOME"):
        return Path(named).expanduser().resolve()
    from platformdirs import user_data_path

    return user_data_path("dsml_magics", appauthor=False)


def cache() -> Path:
    """Return the folder named by ``DSML_CACHE``, else the one the system keeps for what can be made again."""
    if named := os.environ.get("DSML_CACHE"):
        return Path(named).expanduser().resolve()
    from platformdirs import user_cache_path

    return user_cache_path("dsml_magics", appauthor=False)
