"""Export: a notebook or script becomes a job of the scheduler a company has."""

from typing import Literal

from dsml_magics.command.arguments import File, Notebook
from dsml_magics.command.registry import command
from dsml_magics.export.value import Export


@command
def export(  # noqa: PLR0913  one option each
    path: Notebook,
    /,
    *,
    engine: Literal["airflow", "kubeflow", "dagster", "argo", "cron", "systemd", "github"],
    to: File,
    schedule: str | None = None,
    state: str | None = None,
    image: str | None = None,
) -> Export:
    """Write a notebook or script as a job of an engine that schedules it, with all that the job needs beside it.

    Each step is a task that waits for the steps it depends on and runs as ``dsml run --only STEP``; cron, systemd and
    GitHub Actions run the script as a whole. Parameters of the notebook are the engine's own where it has such.

    Parameters
    ----------
    path
        The notebook, which is converted first, or a script with steps.
    engine
        Who runs it: ``airflow`` (3), ``kubeflow`` (Pipelines 2), ``dagster``, ``argo`` (Workflows), ``cron``,
        ``systemd`` (a timer) or ``github`` (Actions).
    to
        Folder to write to; files of yours in it are left alone.
    schedule
        When it runs, as five fields of cron: ``0 6 * * 1-5``; without, by hand.
    state
        Folder or URL, such as ``s3://bucket/jobs``, where steps leave what later ones need; each run has a place of its own in it.
    image
        Container image the steps run in: for kubeflow, argo and github.

    Returns
    -------
    Export
        The files written, what to do with them, and warnings.

    Examples
    --------
    >>> dsml.export("work.ipynb", engine="airflow", to="job")  # doctest: +SKIP
    """
    from dsml_magics.export.making import Order, exported

    return exported(path, Order(engine, schedule=schedule, state=state, image=image), to=to)
