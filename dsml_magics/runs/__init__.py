"""Runs: what was tracked, what differs between two runs, and how to do one again."""

from dsml_magics.command.arguments import File
from dsml_magics.command.registry import command
from dsml_magics.runs.difference import Difference
from dsml_magics.runs.listing import Runs
from dsml_magics.runs.reproduction import Reproduction


@command
def runs(
    *,
    experiment: str | None = None,
    filter: str | None = None,  # noqa: A002  the option's name
    sort: str | None = None,
    limit: int = 100,
) -> Runs:
    """List the runs in the ledger: state, parameters, metrics.

    Parameters
    ----------
    experiment
        Name of the experiment; by default all.
    filter
        An expression of MLflow's, as ``metrics.auc > 0.8 and params.model = 'LogisticRegression'``.
    sort
        A metric or parameter, best or last first, as ``auc`` or ``params.depth asc``; by default the newest run is first.
    limit
        The most runs to list.

    Returns
    -------
    Runs
        A table that shows itself as text or HTML; ``.widget()`` sorts, filters and draws it.
    """
    from dsml_magics.runs.finding import runs_of

    return runs_of(experiment=experiment, expression=filter, sort=sort, limit=limit)


@command
def compare(first: str, second: str, /) -> Difference:
    """Tell what differs between two runs: code, parameters, metrics, data, packages, commit, order of execution.

    Parameters
    ----------
    first
        A run: its id as `runs` shows it, or MLflow's, or its name; of one name, the latest.
    second
        Another one.

    Returns
    -------
    Difference
        What differs, side by side; it shows itself as text or HTML.

    Examples
    --------
    >>> dsml.compare("baseline", "deeper")  # doctest: +SKIP
    """
    from dsml_magics.runs.comparing import compared

    return compared(first, second)


@command
def reproduce(run: str, /, *, to: File | None = None) -> Reproduction:
    """Write a notebook or script that repeats a run: it checks commit, packages and data, and compares the metrics.

    Parameters
    ----------
    run
        The run: its id as `runs` shows it, or MLflow's, or its name; of one name, the latest.
    to
        File to write: ``.ipynb`` or ``.py``; by default a notebook named after the run, here.

    Returns
    -------
    Reproduction
        The file, and what no longer matches.

    Examples
    --------
    >>> dsml.reproduce("baseline")  # doctest: +SKIP
    """
    from dsml_magics.runs.reproducing import reproduced

    return reproduced(run, to=to)
