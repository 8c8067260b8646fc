"""MLflow's store of runs in a database, loaded and ready: imported by the process that senders are forked from."""

import mlflow.store.tracking.sqlalchemy_store  # noqa: F401
from sqlalchemy.orm import configure_mappers

# Otherwise each sender works out anew how the tables relate.
configure_mappers()
