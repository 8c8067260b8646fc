"""Errors a user can mend. A bug of ours is any other exception, and keeps its traceback.

::

    DsmlError
    ├── UsageError             the words of a command: unknown option, missing name, bad value
    ├── NameNotFound           a name the notebook does not have
    ├── ExpressionFailed       an expression of the notebook raised
    ├── DataError              a table that cannot be opened or used
    │   ├── TableNotFound
    │   ├── TableUnreadable
    │   ├── TableEmpty
    │   ├── ColumnNotFound
    │   └── ColumnUnusable     duplicate or non-text names, values that are no column
    ├── ModelError             a model that cannot be packaged, proved or loaded
    │   ├── ModelNotFound
    │   ├── ModelUnusable
    │   ├── PackageAltered
    │   ├── PackageTooNew      made by a later release
    │   ├── ContractUnusable   a contract that cannot be read, or says the impossible
    │   ├── ContractBroken     rows that a contract refuses
    │   ├── ProofFailed
    │   └── MoveRefused        a version that must not become champion
    ├── ServerUnusable         a server that cannot be started as asked
    ├── NotebookError          a notebook that cannot be read or converted
    ├── JobError               a job that cannot go on
    │   ├── StateUnusable      its state is another job's, in use, or cannot be written
    │   └── StepFailed         a step raised, took too long, or ended its process
    ├── FileNotWritten         a result that could not be saved
    ├── LedgerError            MLflow's store cannot be read or written
    └── MissingPackage         an optional library is not installed

Every message says what was expected, what came and what to do.
"""

from collections.abc import Iterable
from difflib import get_close_matches


class DsmlError(Exception):
    """Something the user can mend; shown as one or two lines by every face."""

    exit_code = 2
    """What a shell gets."""


class UsageError(DsmlError): ...


class NameNotFound(DsmlError): ...


class ExpressionFailed(DsmlError): ...


class DataError(DsmlError): ...


class TableNotFound(DataError): ...


class TableUnreadable(DataError): ...


class TableEmpty(DataError): ...


class ColumnNotFound(DataError): ...


class ColumnUnusable(DataError): ...


class ModelError(DsmlError): ...


class ModelNotFound(ModelError): ...


class ModelUnusable(ModelError): ...


class PackageAltered(ModelError): ...


class PackageTooNew(ModelError): ...


class ContractUnusable(ModelError): ...


class ContractBroken(ModelError): ...


class ProofFailed(ModelError): ...


class MoveRefused(ModelError): ...


class ServerUnusable(DsmlError): ...


class NotebookError(DsmlError): ...


class JobError(DsmlError): ...


class StateUnusable(JobError): ...


class StepFailed(JobError):
    exit_code = 1


class FileNotWritten(DsmlError): ...


class LedgerError(DsmlError): ...


class MissingPackage(DsmlError): ...


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Find the known word that was most likely meant, or None."""
    by_lower = {name.lower(): name for name in known}
    found = get_close_matches(word.lower(), by_lower, n=1, cutoff=0.5)
    return by_lower[found[0]] if found else None


def hint(word: str, known: Iterable[str], *, limit: int = 10) -> str:
    """Say which known word was likely meant, else which words there are."""
    names = list(known)
    if meant := nearest(word, names):
        return f"Did you mean {meant!r}?"
    if not names:
        return "There are none."
    more = f" and {len(names) - limit} more" if len(names) > limit else ""
    return f"Known: {', '.join(names[:limit])}{more}."
