"""Run: a converted notebook as a job that resumes where it stopped."""

from dsml_magics.command.arguments import File, Notebook, Setting
from dsml_magics.command.registry import command
from dsml_magics.errors import UsageError
from dsml_magics.run.job import Job, Jobs
from dsml_magics.run.pruned import Pruned


@command
def run(  # noqa: PLR0913  one option each
    script: Notebook,
    /,
    *,
    resume: bool = False,
    from_: str | None = None,
    only: list[str] | None = None,
    param: list[Setting] | None = None,
    params: File | None = None,
    retries: int = 0,
    timeout: float | None = None,
    state: File | None = None,
    dry_run: bool = False,
    jobs: int = 1,
) -> Job:
    """Run a script step by step, as a job that can go on after a failure from where it stopped.

    A step is what stands under a marker ``# %%`` with a title. After each, what it left is kept: names with all they
    share, random states, settings. The job is a run in the ledger, each step one nested in it.

    Parameters
    ----------
    script
        Python script, or a notebook, which is converted to the script beside it first; one that was written or
        changed by hand is not replaced.
    resume
        Keep each step that would do the same again: same code, values it reads, parameters, files and packages.
    from_
        Step to begin at; what the steps before it left is taken as it is.
    only
        Steps to run, with what earlier steps left.
    param
        Parameter, as ``depth=3``; once for each.
    params
        YAML file with parameters.
    retries
        How often a step that fails is tried again.
    timeout
        Seconds after which a step is ended.
    state
        Folder, or URL such as ``s3://bucket/job``, that holds what steps left; by default ``.dsml/SCRIPT``.
    dry_run
        Only say what would run, and why; nothing is written.
    jobs
        How many processes may run steps that do not need each other.

    Returns
    -------
    Job
        What became of each step; its exit code is 0.

    Examples
    --------
    >>> dsml.run("work.py")  # doctest: +SKIP
    """
    from contextlib import nullcontext
    from functools import partial
    from pathlib import Path

    from dsml_magics.run.crew import loading
    from dsml_magics.run.wish import Wish

    wish = Wish(resume, from_, tuple(only or ()), retries, timeout, jobs)
    # Where something will run for sure, its process loads while the script is read.
    with nullcontext() if dry_run or resume else loading() as worker:
        from dsml_magics.run.starting import planned, ran

        file = Path(params).expanduser() if params is not None else None
        place = str(state) if state is not None else None
        do = planned if dry_run else partial(ran, worker=worker)
        return do(Path(script).expanduser(), wish, words=param or (), file=file, state=place)


@command
def jobs(  # noqa: PLR0913  one option each
    *,
    follow: bool = False,
    limit: int = 20,
    prune: bool = False,
    keep: int | None = None,
    older: str | None = None,
    dry_run: bool = False,
) -> Jobs | Pruned:
    """List the jobs in the ledger: state, step, parameters, time, what they wrote, where their log is.

    With ``--prune``, remove instead what no job needs any more of the states in ``.dsml``: data that no step names,
    and old logs. What a job works on at the moment is left alone.

    Parameters
    ----------
    follow
        Tell of changes until no job runs any more.
    limit
        How many to list, the latest first.
    prune
        Remove what no job needs; say what that was, and its size.
    keep
        How many logs of each script to keep when pruning; 10 by default.
    older
        Age such as ``30d``, ``12h`` or ``2w``: prune older logs too, and states nobody used for so long.
    dry_run
        Only say what would be removed.

    Returns
    -------
    Jobs
        A table; ``dsml.jobs()[0].log`` is the folder of the latest job's log. What was removed, when pruning.
    """
    if prune:
        from pathlib import Path

        from dsml_magics.run.pruning import prune_states

        return prune_states(Path(".dsml"), keep=keep, older=older, dry_run=dry_run)
    if keep is not None or older is not None or dry_run:
        raise UsageError("Expected --prune with --keep, --older or --dry-run: they say what to remove.")
    from dsml_magics.run.listing import followed, jobs_in_ledger

    return followed(limit) if follow else jobs_in_ledger(limit)
