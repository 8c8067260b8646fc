"""Packages in the ledger: registered as versions of a name, and found again."""

import os
import re
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.errors import LedgerError, ModelNotFound, ModelUnusable, hint
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.moves import CHALLENGER, CHAMPION, Move, now, record, set_approver, user
from dsml_magics.ledger.pages import all_pages
from dsml_magics.ledger.store import Ledger
from dsml_magics.redaction import redact

_NO_TAGS: Mapping[str, str] = {}
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}")
_REGISTERED = re.compile(r"models:/(?P<name>[A-Za-z0-9][\w-]*)[/@](?P<which>[\w-]+)")
_LOGGED = re.compile(r"models:/(?P<id>m-[0-9a-f]{32})")
_MAKER = "dsml.deploying"
_REFERENCE = re.compile(r"(?P<name>[A-Za-z0-9][\w-]*)(@(?P<which>[\w-]+))?")


@dataclass(frozen=True)
class Version:
    """A registered version of a package; `uri` is how any MLflow tool opens it."""

    name: str
    number: int
    uri: str
    alias: str


@dataclass(frozen=True)
class Found:
    """A package on this machine, and what the ledger says of it, if it came from there."""

    folder: Path
    uri: str
    tags: Mapping[str, str]
    name: str | None = None
    number: int | None = None
    alias: str | None = None


def checked_name(name: str) -> str:
    """Return `name` if a package can have it.

    Raises
    ------
    ModelUnusable
        It has other characters than letters, digits, ``_`` and ``-``.
    """
    if not _NAME.fullmatch(name):
        raise ModelUnusable(f"Expected a name of letters, digits, '_' and '-', got {name!r}.")
    return name


def register(  # noqa: PLR0913  all of it is written down
    ledger: Ledger,
    folder: Path,
    *,
    name: str,
    run_id: str | None,
    tags: Mapping[str, str],
    approver: str | None = None,
) -> Version:
    """Register the package in `folder` as the next version of `name`; all of it or nothing.

    The first version becomes ``champion``, later ones ``challenger``. Nothing is overwritten: two that register at once
    get two versions.

    Parameters
    ----------
    approver
        Who alone may make later versions champion; users parted by commas.

    Raises
    ------
    MoveRefused
        Another approver was set before.
    """
    client = ledger.client
    with failures(ledger.uri):
        _sweep(client, name)
        _registered(client, name)
        if approver is not None:
            set_approver(client, name, approver)
        experiment_id = client.get_run(run_id).info.experiment_id if run_id else "0"
        own = {**tags, _MAKER: _this_process()}
        model = client.create_logged_model(experiment_id, name=name, source_run_id=run_id, tags=own)
        try:
            client.log_model_artifacts(model.model_id, str(folder))
            client.finalize_logged_model(model.model_id, "READY")
            return _new_version(client, model, name=name, run_id=run_id, tags=tags)
        except BaseException:
            client.delete_logged_model(model.model_id)
            raise


def _new_version(
    client: Any, model: Any, *, name: str, run_id: str | None, tags: Mapping[str, str]
) -> Version:
    from mlflow.entities import LoggedModelOutput

    made = client.create_model_version(
        name,
        f"models:/{model.model_id}",
        run_id,
        tags=dict(tags),
        model_id=model.model_id,
        await_creation_for=0,
    )
    number = int(made.version)
    # By the number, not by what is there: of two that register at once, the lower one is the first.
    alias = CHAMPION if number == 1 else CHALLENGER
    if alias == CHAMPION or _is_latest(client, name, number):
        client.set_registered_model_alias(name, alias, made.version)
    if alias == CHAMPION:
        record(client, name, Move("deploy", None, number, user(), now(), None))
    if run_id:
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
    return Version(name, number, f"models:/{name}/{made.version}", alias)


def _is_latest(client: Any, name: str, number: int) -> bool:
    others = all_pages(client.search_model_versions, f"name='{name}'")
    return all(int(other.version) <= number for other in others)


def _this_process() -> str:
    import psutil

    return f"{socket.gethostname()} {os.getpid()} {psutil.Process().create_time():.0f}"


def _sweep(client: Any, name: str) -> None:
    """Remove what deploys of this name left that were killed on this machine before they had a version."""
    import psutil

    experiments = [found.experiment_id for found in all_pages(client.search_experiments)]
    for model in all_pages(client.search_logged_models, experiments, filter_string=f"name = '{name}'"):
        host, _, process = str(model.tags.get(_MAKER, "")).partition(" ")
        if str(model.status) not in ("PENDING", "LoggedModelStatus.PENDING") or host != socket.gethostname():
            continue
        number, _, started = process.partition(" ")
        try:
            is_alive = f"{psutil.Process(int(number)).create_time():.0f}" == started
        except psutil.Error:
            is_alive = False
        if not is_alive:
            client.delete_logged_model(model.model_id)


def _registered(client: Any, name: str) -> None:
    """Make the registered model if need be."""
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(name)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise


def find(ledger: Ledger, reference: str) -> Found:
    """Find a package by ``name``, ``name@alias``, ``name@3`` or an MLflow URI, and bring it here.

    Raises
    ------
    ModelNotFound
        With the nearest name or the aliases there are.
    """
    from mlflow.artifacts import download_artifacts

    registered = _REGISTERED.fullmatch(reference)
    if registered:
        reference = f"{registered['name']}@{registered['which']}"
    elif "/" in reference:
        return Found(_downloaded(ledger, reference), reference, _tags_of_model(ledger, reference))
    version, aliases = version_of(ledger, reference)
    uri = f"models:/{version.name}/{version.version}"
    with failures(ledger.uri):
        # By the address of the files: for `models:/` MLflow writes a file of its own into the package.
        source = ledger.client.get_model_version_download_uri(version.name, version.version)
        folder = Path(download_artifacts(artifact_uri=source, tracking_uri=ledger.uri))
    number = int(version.version)
    alias = next((alias for alias, of in sorted(aliases.items()) if of == number), None)
    return Found(folder, uri, dict(version.tags), version.name, number, alias)


def _tags_of_model(ledger: Ledger, uri: str) -> Mapping[str, str]:
    """Return what the ledger says of a model by its identifier, as ``models:/m-...``; nothing for other addresses."""
    if not (found := _LOGGED.fullmatch(uri)):
        return _NO_TAGS
    with failures(ledger.uri):
        return dict(ledger.client.get_logged_model(found["id"]).tags)


def _downloaded(ledger: Ledger, uri: str) -> Path:
    from mlflow.artifacts import download_artifacts
    from mlflow.exceptions import MlflowException

    try:
        with failures(ledger.uri):
            return Path(download_artifacts(artifact_uri=uri, tracking_uri=ledger.uri))
    except LedgerError as error:
        if isinstance(error.__cause__, MlflowException | OSError):
            raise ModelNotFound(f"No package at {uri!r}: {str(error.__cause__)[:200]}") from None
        raise


def version_of(ledger: Ledger, reference: str) -> tuple[Any, Mapping[str, int]]:
    """Find a registered version by ``name``, ``name@alias`` or ``name@3``; return MLflow's, and all aliases.

    Raises
    ------
    ModelNotFound
        With the nearest name or the aliases there are.
    """
    parts = _REFERENCE.fullmatch(reference)
    name, which = (parts["name"], parts["which"]) if parts else (reference, None)
    model, versions = model_of(ledger, name)
    numbers = sorted(int(found.version) for found in versions)
    aliases = {alias: int(number) for alias, number in model.aliases.items()}
    number = _number(which, numbers, aliases)
    if number is None:
        raise ModelNotFound(
            f"No version {which!r} of {name!r}. Versions: {', '.join(map(str, numbers)) or 'none'}; "
            f"aliases: {', '.join(aliases) or 'none'}."
        )
    return next(found for found in versions if int(found.version) == number), aliases


def alias_in(reference: str) -> tuple[str, str] | None:
    """Return name and alias of a reference that means whatever version an alias names; None if it means one version."""
    found = _REGISTERED.fullmatch(reference) or _REFERENCE.fullmatch(reference)
    which = (found["which"] or CHAMPION) if found else "0"
    return None if found is None or which.isdigit() else (found["name"], which)


def model_of(ledger: Ledger, name: str) -> tuple[Any, Sequence[Any]]:
    """Return MLflow's registered model of a name, and its versions.

    Raises
    ------
    ModelNotFound
        With the nearest name there is.
    """
    with failures(ledger.uri):
        known = registered_names(ledger)
        if name not in known:
            raise ModelNotFound(
                f"No package {name!r} in the ledger {redact(ledger.uri)}. {hint(name, known)}"
            )
        # Some stores list no aliases with the models.
        model = ledger.client.get_registered_model(name)
        return model, all_pages(ledger.client.search_model_versions, f"name='{name}'")


def registered_names(ledger: Ledger) -> list[str]:
    """List the names of all packages, sorted."""
    with failures(ledger.uri):
        return sorted(model.name for model in all_pages(ledger.client.search_registered_models))


def _number(which: str | None, numbers: list[int], aliases: Mapping[str, int]) -> int | None:
    if which is None:
        return aliases.get(CHAMPION, numbers[-1] if numbers else None)
    if which.isdigit():
        return int(which) if int(which) in numbers else None
    return aliases.get(which)
