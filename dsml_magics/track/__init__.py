"""Track: a cell or a block of code becomes an experiment, without logging code."""

from dsml_magics.command.registry import command
from dsml_magics.track.syncing import Sync
from dsml_magics.track.tracking import Tracking


@command
def track(  # noqa: PLR0913  options
    run: str,
    /,
    *,
    experiment: str | None = None,
    params: list[str] | None = None,
    metrics: list[str] | None = None,
    nested: bool = False,
    resume: str | None = None,
) -> Tracking:
    """Record the code inside as an MLflow run: source, parameters, metrics, tables, commit, outcome.

    What goes into a constructor, a fit or a split becomes a parameter, and so do constants; what comes from a score
    becomes a metric, and so do other floats. A name keeps the role it had first in the experiment. Estimators add
    the parameters that the code names or changes, by their path, as ``LogisticRegression.C``; tables that the code
    reads are recorded with their fingerprints and profiles.
    It is written beside the notebook, after the result is shown; while the ledger is away it is kept, and sent later.

    Parameters
    ----------
    run
        Name of the run.
    experiment
        Name of the experiment; by default the one set for MLflow, else ``Default``.
    params
        Names to record as parameters, instead of those the code uses so, as ``depth,model.C``.
    metrics
        Names to record as metrics, instead of those the code uses so, as ``auc,search.best_score_``.
    nested
        Whether each candidate of a search becomes a run of its own, nested in this one.
    resume
        MLflow's id of a run to be continued.

    Returns
    -------
    Tracking
        A context manager; ``with dsml.track("baseline") as run:`` gives ``run.id``.

    Examples
    --------
    >>> with dsml.track("baseline"):  # doctest: +SKIP
    ...     model.fit(train, income)
    """
    from dsml_magics.command.block import current
    from dsml_magics.track.tracking import Choice

    return Tracking(run, Choice(experiment, params, metrics, nested=nested, resume=resume), block=current())


@command
def sync(*, complete: list[str] | None = None, drop: list[str] | None = None) -> Sync:
    """Send the runs that are kept on this machine to their ledgers, and tell which were interrupted.

    Parameters
    ----------
    complete
        Interrupted runs to be sent as they are and ended as KILLED: their ids, or ``all``.
    drop
        Runs to be forgotten, here and in the ledger: their ids, or ``all`` for the interrupted ones.

    Returns
    -------
    Sync
        How many were sent, and which are left and why.
    """
    from dsml_magics.track.syncing import synced

    return synced(complete=complete or (), drop=drop or ())
