"""Deploy: a fitted model becomes a package with its proofs, and predicts from it."""

from dsml_magics.command.arguments import File, Frame, Model, Reference
from dsml_magics.command.registry import command
from dsml_magics.deploy.package import Package
from dsml_magics.deploy.predictions import Predictions


@command
def deploy(model: Model, /, *, name: str, data: Frame) -> Package:
    """Package a fitted model, prove that it predicts the same elsewhere, and register it.

    The package is an MLflow model directory with signature, pinned requirements, a baseline profile
    of `data`, a card and the SHA-256 of every file. It is loaded in a fresh process and must predict
    exactly what the model predicts here; otherwise nothing is registered.

    Parameters
    ----------
    model
        The fitted model: anything with ``predict``, a function, or the path or URI of one.
    name
        Name to register it under.
    data
        The columns the model takes, some rows of them: the proof and the baseline are made with it.

    Returns
    -------
    Package
        The registered version.
    """
    from dsml_magics.deploy.recipe import deployed

    return deployed(model, name=name, data=data)


@command
def predict(name: Reference, data: Frame, /, *, out: File | None = None) -> Predictions:
    """Score a table with a packaged model.

    Parameters
    ----------
    name
        The package: ``income``, ``income@champion``, ``income@3``, an MLflow URI or a folder.
    data
        The table to score.
    out
        Parquet or CSV file to write the rows and their predictions to.

    Returns
    -------
    Predictions
        What the model predicted, in the order of the rows.
    """
    from dsml_magics.deploy.scoring import score

    return score(name, data, out=out)
