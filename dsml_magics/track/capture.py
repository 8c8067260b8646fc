"""What a block did: the namespace before and after it, held against its source."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dsml_magics.errors import DsmlError
from dsml_magics.frames.fingerprint import fingerprint
from dsml_magics.frames.opening import is_distributed, is_table, open_table
from dsml_magics.ledger.digest import digest_of_model
from dsml_magics.ledger.record import RunRecord, TableRead
from dsml_magics.ledger.secrets import MASK, is_secret, masked
from dsml_magics.ledger.store import model_tag
from dsml_magics.track.estimator import State, fitted_state, given_parameters, is_estimator, was_fitted
from dsml_magics.track.source import Source
from dsml_magics.track.surroundings import digest_of_text, git_tags

_TABLES = 20


@dataclass(frozen=True)
class Before:
    """What must be noted before a block runs, because the block may change it."""

    estimators: Mapping[str, tuple[object, State]]
    tables: tuple[TableRead, ...]
    unread: tuple[str, ...]

    @classmethod
    def of(cls, source: Source, names: Mapping[str, Any]) -> "Before":
        """Note the fitted state of the estimators, and the tables that the block will read."""
        estimators = {
            name: (value, fitted_state(value))
            for name, value in _public(names).items()
            if is_estimator(value)
        }
        tables, unread = _tables({name: names[name] for name in source.read if name in names})
        return cls(estimators, tables, unread)


def recorded(source: Source, before: Before, names: Mapping[str, Any], *, seconds: float) -> RunRecord:
    """Write down what a block did that ran from `before` to the namespace `names`."""
    bound = {name: names[name] for name in source.bound if name in names and not name.startswith("_")}
    fitted = _fitted(before, names)
    tables, unread = _tables({name: bound[name] for name in source.loaded if name in bound})
    parameters = {
        name: MASK if is_secret(name) else _text(value) for name, value in _constants(source, bound).items()
    }
    for name, model in fitted.items():
        parameters[name] = type(model).__name__
        parameters |= {f"{name}.{key}": masked(value) for key, value in given_parameters(model).items()}
    whole = (*before.tables, *tables)
    tags = {"dsml.cell_sha256": digest_of_text(source.text), "dsml.seconds": f"{seconds:.3f}", **git_tags()}
    tags |= {model_tag(digest): name for name, model in fitted.items() if (digest := digest_of_model(model))}
    return RunRecord(
        parameters=parameters,
        metrics=_metrics(source, bound),
        tags=tags,
        tables=whole,
        texts={
            "dsml/cell.py": _without_secrets(source),
            "dsml/cell.json": _facts(source, whole, [*before.unread, *unread], seconds),
        },
    )


def _public(names: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in list(names.items()) if not name.startswith("_")}


def _fitted(before: Before, names: Mapping[str, Any]) -> dict[str, Any]:
    found = {}
    for name, value in _public(names).items():
        if is_estimator(value):
            earlier, state = before.estimators.get(name, (None, None))
            if was_fitted(state if earlier is value else None, fitted_state(value)):
                found[name] = value
    return found


def _constants(source: Source, bound: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in source.constants.items() if name in bound}


def _metrics(source: Source, bound: Mapping[str, Any]) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in bound.items()
        if name not in source.constants and _is_float(value)
    }


def _is_float(value: object) -> bool:
    # `np.float32` is no Python float. The type is asked, not the value, which may be anything.
    return isinstance(value, float) or (
        type(value).__module__ == "numpy" and type(value).__name__.startswith("float")
    )


def _tables(candidates: Mapping[str, Any]) -> tuple[tuple[TableRead, ...], tuple[str, ...]]:
    """Fingerprint the tables among the candidates; name those that could not be read."""
    read, unread = [], []
    live = {name: value for name, value in candidates.items() if is_table(value)}
    for name, value in list(live.items())[:_TABLES]:
        if is_distributed(value):
            unread.append(f"{name}: a distributed table is not read only to be fingerprinted")
            continue
        try:
            table = open_table(value)
            digest = fingerprint(table)
        except DsmlError as error:
            unread.append(f"{name}: {error}")
            continue
        types = {field.name: str(field.type) for field in table.schema}
        read.append(TableRead(name, digest, table.rows or 0, types))
    unread += [f"{name}: only the first {_TABLES} tables are fingerprinted" for name in list(live)[_TABLES:]]
    return tuple(read), tuple(unread)


def _text(value: object) -> str:
    return masked(value if isinstance(value, str) else repr(value))


def _without_secrets(source: Source) -> str:
    text = masked(source.text)
    for name, value in source.constants.items():
        if is_secret(name) and isinstance(value, str) and value:
            text = text.replace(value, MASK)
    return text


def _facts(source: Source, tables: tuple[TableRead, ...], unread: list[str], seconds: float) -> str:
    facts = {
        "schema": "dsml.cell/1",
        "sha256": digest_of_text(source.text),
        "read": source.read,
        "bound": source.bound,
        "seconds": round(seconds, 6),
        "tables": [
            {
                "name": table.name,
                "fingerprint": table.fingerprint,
                "rows": table.rows,
                "types": dict(table.types),
            }
            for table in tables
        ],
        "not_recorded": unread,
    }
    return json.dumps(facts, indent=2) + "\n"
