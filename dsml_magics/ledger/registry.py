"""Packages in the ledger: registered as versions of a name, and found again."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dsml_magics.errors import ModelNotFound, ModelUnusable, hint
from dsml_magics.ledger.store import Ledger, failures

CHAMPION, CHALLENGER = "champion", "challenger"
_NO_TAGS: Mapping[str, str] = {}
_NAME = re.compile(r"[A-Za-z0-9][\w-]{0,99}")
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


def register(
    ledger: Ledger, folder: Path, *, name: str, run_id: str | None, tags: Mapping[str, str]
) -> Version:
    """Register the package in `folder` as the next version of `name`; all of it or nothing.

    The first version becomes ``champion``, later ones ``challenger``.
    """
    client = ledger.client
    with failures(ledger.uri):
        experiment_id = client.get_run(run_id).info.experiment_id if run_id else "0"
        model = client.create_logged_model(experiment_id, name=name, source_run_id=run_id, tags=dict(tags))
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

    aliases = _registered(client, name)
    made = client.create_model_version(
        name,
        f"models:/{model.model_id}",
        run_id,
        tags=dict(tags),
        model_id=model.model_id,
        await_creation_for=0,
    )
    alias = CHALLENGER if CHAMPION in aliases else CHAMPION
    client.set_registered_model_alias(name, alias, made.version)
    if run_id:
        client.log_outputs(run_id, [LoggedModelOutput(model.model_id, 0)])
    return Version(name, int(made.version), f"models:/{name}/{made.version}", alias)


def _registered(client: Any, name: str) -> dict[str, str]:
    """Make the registered model if need be; return its aliases."""
    from mlflow.exceptions import MlflowException

    try:
        return dict(client.get_registered_model(name).aliases)
    except MlflowException as error:
        if error.error_code != "RESOURCE_DOES_NOT_EXIST":
            raise
    client.create_registered_model(name)
    return {}


def find(ledger: Ledger, reference: str) -> Found:
    """Find a package by ``name``, ``name@alias``, ``name@3`` or an MLflow URI, and bring it here.

    Raises
    ------
    ModelNotFound
        With the nearest name or the aliases there are.
    """
    from mlflow.artifacts import download_artifacts

    uri, tags = (reference, _NO_TAGS) if "/" in reference else _version_of(ledger, reference)
    with failures(ledger.uri):
        return Found(Path(download_artifacts(artifact_uri=uri, tracking_uri=ledger.uri)), uri, tags)


def _version_of(ledger: Ledger, reference: str) -> tuple[str, Mapping[str, str]]:
    parts = _REFERENCE.fullmatch(reference)
    with failures(ledger.uri):
        known = {model.name: model for model in ledger.client.search_registered_models()}
        name, which = (parts["name"], parts["which"]) if parts else (reference, None)
        if name not in known:
            raise ModelNotFound(f"No package {name!r} in the ledger {ledger.uri}. {hint(name, known)}")
        numbers = sorted(
            int(found.version) for found in ledger.client.search_model_versions(f"name='{name}'")
        )
        aliases = {alias: int(number) for alias, number in known[name].aliases.items()}
        number = _number(which, numbers, aliases)
        if number is None:
            raise ModelNotFound(
                f"No version {which!r} of {name!r}. Versions: {', '.join(map(str, numbers)) or 'none'}; "
                f"aliases: {', '.join(aliases) or 'none'}."
            )
        return f"models:/{name}/{number}", dict(ledger.client.get_model_version(name, str(number)).tags)


def _number(which: str | None, numbers: list[int], aliases: Mapping[str, int]) -> int | None:
    if which is None:
        return aliases.get(CHAMPION, numbers[-1] if numbers else None)
    if which.isdigit():
        return int(which) if int(which) in numbers else None
    return aliases.get(which)
