"""What clients speak: MLflow's protocol and the Open Inference Protocol, as plain values in and out."""
