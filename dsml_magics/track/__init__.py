"""Track: a cell or a block of code becomes an experiment, without logging code."""

from dsml_magics.command.registry import command
from dsml_magics.track.tracking import Tracking


@command
def track(run: str, /, *, experiment: str | None = None) -> Tracking:
    """Record the code inside as an MLflow run: source, parameters, metrics, tables, commit, outcome.

    Constants it assigns become parameters, floats it assigns become metrics, estimators it fits add
    their non-default parameters, and tables it reads are recorded with their fingerprints.

    Parameters
    ----------
    run
        Name of the run.
    experiment
        Name of the experiment; by default the one set for MLflow, else ``Default``.

    Returns
    -------
    Tracking
        A context manager; ``with dsml.track("name") as run:`` gives ``run.id``.
    """
    from dsml_magics.command.block import current

    return Tracking(name=run, experiment=experiment, block=current())
