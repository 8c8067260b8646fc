"""What the user asked for beside the model and its data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dsml_magics.deploy.evidence import notes_of
from dsml_magics.deploy.gate import Gate, parse_gates
from dsml_magics.deploy.proving import CALLS, CALLS_FOR_GATE
from dsml_magics.errors import UsageError
from dsml_magics.package.contract import Contract, read_contract


@dataclass(frozen=True)
class Wish:
    """What the user asked for beside the model and its data."""

    name: str
    target: Any = None
    gates: Sequence[Gate] = ()
    approve_difference: bool = False
    contract: Contract | None = None
    notes: Mapping[str, str] = field(default_factory=dict)
    approver: str | None = None

    @property
    def calls(self) -> int:
        """How many single rows to time: more where a gate asks for that."""
        is_asked = any(gate.figure in ("p50_ms", "p99_ms") for gate in self.gates)
        return CALLS_FOR_GATE if is_asked else CALLS


def wish_of(*, gate: Any, contract: Any, notes: Any, target: Any, **others: Any) -> Wish:
    """Read what was asked for, before anything is done.

    Raises
    ------
    UsageError, ContractUnusable
        A gate, the notes or the contract cannot be read.
    """
    return Wish(
        target=target,
        gates=parse_gates(gate, has_target=target is not None),
        contract=contract if contract is None or isinstance(contract, Contract) else read_contract(contract),
        notes={} if notes is None else _notes(notes),
        **others,
    )


def _notes(path: Any) -> Mapping[str, str]:
    try:
        found = notes_of(Path(path).expanduser().read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"Expected notes in {str(path)!r}, but: {error}.") from None
    if not found:
        raise UsageError(
            f"Expected one of the headings Purpose, Users, Limits or Fairness in {str(path)!r}, got none."
        )
    return found
