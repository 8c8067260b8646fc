"""Find runs: by what they are like, or by one's id or name."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

from dsml_magics.errors import LedgerError, UsageError, hint
from dsml_magics.frames.opening import is_table
from dsml_magics.ledger.failures import failures
from dsml_magics.ledger.pages import all_pages
from dsml_magics.ledger.record import ID_TAG
from dsml_magics.ledger.spool import Entry, is_alive, spool
from dsml_magics.ledger.store import Ledger, open_ledger
from dsml_magics.runs.defaults import with_defaults
from dsml_magics.runs.listing import Runs
from dsml_magics.runs.run import Run, State
from dsml_magics.track.tracking import Tracking

_PAGE = 1000
_NEWEST = ["attributes.start_time DESC"]
_ID = re.compile(r"[0-9a-f]{6,32}")
_SORT = re.compile(
    r"(?:(metrics|params|attributes|tags)\.)?[`\"]?(\S.*?)[`\"]?(?:\s+(asc|desc))?", re.IGNORECASE
)
_EXAMPLE = "metrics.auc > 0.8 and params.model = 'LogisticRegression'"


def runs_of(*, experiment: str | None, expression: str | None, sort: str | None, limit: int) -> Runs:
    """List runs.

    Raises
    ------
    UsageError
        There is no such experiment or metric, or the expression cannot be read.
    """
    if limit < 1:
        raise UsageError(f"Expected a limit of 1 or more, got {limit}.")
    order = _order(sort)
    ledger = open_ledger()
    names = _experiments(ledger)
    if experiment is not None and experiment not in names.values():
        raise UsageError(f"No experiment {experiment!r} in the ledger. {hint(experiment, names.values())}")
    chosen = [key for key, name in names.items() if experiment in (None, name)]
    found = _read(_searched(ledger, chosen, expression or "", order=order, limit=limit), names)
    if sort is not None:
        _require_sorted(sort, found)
    return Runs(tuple(with_defaults(found)), experiment)


def run_of(reference: object) -> Run:
    """Find a run by its id, MLflow's or ours, by the beginning of that, or by its name; of one name, the latest.

    Raises
    ------
    UsageError
        There is none, or several ids begin so.
    """
    if isinstance(reference, Run):
        return reference
    if is_table(reference):
        raise UsageError(f"Expected the id or name of a run, got a table ({type(reference).__name__}).")
    word = str(reference.key if isinstance(reference, Tracking) else reference)
    ledger = open_ledger()
    names = _experiments(ledger)
    found = _by_id(ledger, list(names), word) or _by_name(ledger, list(names), word)
    if not found:
        latest = _searched(ledger, list(names), "", order=_NEWEST, limit=_PAGE)
        known = {run.info.run_name for run in latest} - {None, ""}
        raise UsageError(f"No run {word!r} in the ledger. {hint(word, sorted(known))}")
    return _read(found, names)[0]


def _experiments(ledger: Ledger) -> dict[str, str]:
    with failures(ledger.uri):
        return {found.experiment_id: found.name for found in all_pages(ledger.client.search_experiments)}


def _by_id(ledger: Ledger, experiments: Sequence[str], word: str) -> list[Any]:
    if not _ID.fullmatch(word):
        return []
    found = [
        run
        for key in ("attributes.run_id", f"tags.`{ID_TAG}`")
        for run in _searched(ledger, experiments, f"{key} LIKE '{word}%'", order=[], limit=5)
    ]
    if len({run.info.run_id for run in found}) > 1:
        ids = ", ".join(dict.fromkeys(run.info.run_id for run in found))
        raise UsageError(f"Expected the id of one run, got {word!r}, with which several begin: {ids}.")
    return found


def _by_name(ledger: Ledger, experiments: Sequence[str], word: str) -> list[Any]:
    if "'" in word:
        # MLflow's language has no way to write one inside a word.
        latest = _searched(ledger, experiments, "", order=_NEWEST, limit=_PAGE)
        return [run for run in latest if run.info.run_name == word][:1]
    return _searched(ledger, experiments, f"attributes.run_name = '{word}'", order=_NEWEST, limit=1)


def _searched(
    ledger: Ledger, experiments: Sequence[str], expression: str, *, order: list[str], limit: int
) -> list[Any]:
    found: list[Any] = []
    token = None
    try:
        with failures(ledger.uri):
            while len(found) < limit:
                size = min(_PAGE, limit - len(found))
                page = ledger.client.search_runs(
                    list(experiments), expression, max_results=size, order_by=order, page_token=token
                )
                found += page
                token = page.token
                if not token:
                    break
    except LedgerError as error:
        if getattr(error.__cause__, "error_code", "") != "INVALID_PARAMETER_VALUE":
            raise
        reason = str(error).partition("used: ")[2]
        raise UsageError(f"Expected a filter such as {_EXAMPLE!r}, got {expression!r}: {reason}") from None
    return found


def _order(sort: str | None) -> list[str]:
    if sort is None:
        return _NEWEST
    found = _SORT.fullmatch(sort.strip())
    if found is None:
        raise UsageError(f"Expected a metric such as 'auc' or 'metrics.auc asc', got {sort!r}.")
    kind, name, direction = found.groups()
    return [f"{kind or 'metrics'}.`{name}` {(direction or 'desc').upper()}"]


def _require_sorted(sort: str, found: Sequence[Run]) -> None:
    """MLflow takes any name; one that no run has is a slip."""
    parts = _SORT.fullmatch(sort.strip())
    if parts is None or parts[1] not in (None, "metrics", "params") or not found:
        return
    known = {name for run in found for name in (run.params if parts[1] == "params" else run.metrics)}
    if parts[2] not in known:
        what = "parameter" if parts[1] == "params" else "metric"
        raise UsageError(f"No {what} {parts[2]!r} in these runs. {hint(parts[2], sorted(known))}")


def _read(found: Sequence[Any], experiments: Mapping[str, str]) -> list[Run]:
    here: dict[str, Entry] = {}
    for entry in spool().entries():
        here[entry.id] = entry
        # One whose process went away at once has no tag of ours yet.
        here |= {run_id: entry} if (run_id := entry.run_id) else {}
    return [_run(run, experiments.get(run.info.experiment_id, ""), here) for run in found]


def _run(run: Any, experiment: str, here: Mapping[str, Entry]) -> Run:
    info, data = run.info, run.data
    return Run(
        info.run_id,
        info.run_name or "",
        _state(info.status, here.get(info.run_id) or here.get(data.tags.get(ID_TAG, ""))),
        experiment,
        dt.datetime.fromtimestamp(info.start_time / 1000, dt.UTC),
        (info.end_time - info.start_time) / 1000 if info.end_time else None,
        dict(data.params),
        dict(data.metrics),
        dict(data.tags),
        {each.dataset.name: each.dataset.digest for each in run.inputs.dataset_inputs},
    )


def _state(status: str, entry: Entry | None) -> State:
    if entry is not None and entry.record is not None:
        return "waiting"
    if entry is not None and status == "RUNNING":
        return "running" if is_alive(entry.beginning) else "interrupted"
    states: dict[str, State] = {"FINISHED": "finished", "FAILED": "failed", "KILLED": "killed"}
    return states.get(status, "running")
