"""Score: predict a table with a package, in memory, from file to file, or on an engine."""

from typing import Literal

from dsml_magics.command.arguments import File, Frame, Reference
from dsml_magics.command.registry import command
from dsml_magics.score.predictions import Predictions


@command
def predict(  # noqa: PLR0913  each is an option of the command
    name: Reference,
    data: Frame,
    /,
    *,
    out: File | None = None,
    on_violation: Literal["stop", "quarantine", "ignore"] = "stop",
    workers: int = 1,
    encoding: str | None = None,
    verify_key: File | None = None,
) -> Predictions:
    """Score a table with a packaged model.

    Rows are validated against the package's contract first. Files are read, scored and written part by part, so they may
    be larger than memory; what was killed goes on where it stopped, if it is started again with the same words.

    Parameters
    ----------
    name
        The package: ``income``, ``income@champion``, ``income@3``, an MLflow URI or a folder.
    data
        The table to score. Spark, Dask and Ray frames are scored where they lie.
    out
        Parquet or CSV file to write the rows and their predictions to; for Spark, Dask and Ray a folder of Parquet.
    on_violation
        What to do with rows that break the contract: ``stop``, write them with the reasons to a file beside `out`
        (``quarantine``), or score them all the same (``ignore``).
    workers
        Processes that score parts at the same time.
    encoding
        Encoding of CSV files, as ``cp949`` or ``latin-1``; by default UTF-8, or else the one that their bytes show.
    verify_key
        A public Ed25519 key in PEM: a package that is not signed by it is refused.

    Returns
    -------
    Predictions
        What the model predicted, in the order of the rows.

    Examples
    --------
    >>> dsml.predict("income", test)  # doctest: +SKIP
    """
    from dsml_magics.frames.encoded_path import with_encoding
    from dsml_magics.score.scoring import score

    (data,) = with_encoding(encoding, data)
    return score(name, data, out=out, on_violation=on_violation, workers=workers, verify_key=verify_key)
