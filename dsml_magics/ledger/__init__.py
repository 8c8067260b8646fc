"""The ledger is MLflow: runs, packages and their lineage. No other room knows MLflow's store."""
