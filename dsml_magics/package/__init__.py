"""Package: a model that can be deployed, with its contract and its proofs. It is an MLflow model directory."""
