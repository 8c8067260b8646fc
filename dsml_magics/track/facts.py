"""What a run's ``dsml/cell.json`` says: everything that MLflow has no place for."""

import json
import platform
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from dsml_magics.redaction import redact_options
from dsml_magics.track.snapshot import Tables
from dsml_magics.track.surroundings import Commit, digest_of_text

if TYPE_CHECKING:
    from dsml_magics.track.draft import Draft


@dataclass(frozen=True)
class Facts:
    """What was found out after the block had ended."""

    tables: Tables = field(default_factory=Tables)
    commit: Commit | None = None
    packages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def early(cls, reason: str = "the process ended before they were found out") -> "Facts":
        """What is known at once, should the process end before the rest is, or the rest not be found out."""
        return cls(Tables(not_recorded=(f"tables, packages and commit: {reason}",)))

    def tags(self) -> dict[str, str]:
        """Return what runs are searched by."""
        tags: dict[str, str] = {}
        if self.commit is not None:
            tags |= {"dsml.git_commit": self.commit.commit, "dsml.git_dirty": str(self.commit.dirty).lower()}
        return tags

    def to_json(self, draft: "Draft") -> str:
        """Write all that is known of a run."""
        found, cost, output = draft.found, draft.cost, draft.output
        state = self.commit
        return self.json_of(
            {
                "schema": "dsml.cell/2",
                "sha256": digest_of_text(draft.source.text),
                "notebook": draft.origin,
                "cell_id": draft.session.cell_id,
                "execution_count": draft.session.count,
                "history": [{"count": count, "sha256": digest} for count, digest in draft.session.history],
                "read": draft.source.read,
                "bound": draft.source.bound,
                "changed": list(found.changed) if found else [],
                "imports": sorted(found.imports) if found else [],
                "tables": [asdict(table) for table in self.tables.tables],
                "overlaps": [overlap.to_dict() for overlap in draft.overlaps],
                "packages": dict(self.packages),
                "python": platform.python_version(),
                "platform": platform.platform(),
                "git": {"commit": state.commit, "dirty": state.dirty, "root": state.root} if state else None,
                "random": sorted(draft.random),
                "warnings": output.warnings() if output else [],
                "figures": sorted(output.figures()) if output else [],
                "seconds": cost.seconds if cost else None,
                "cpu_seconds": cost.cpu_seconds if cost else None,
                "peak_memory_mb": cost.peak_memory_mb if cost else None,
                "arguments": redact_options(sys.argv[1:]) if draft.session.count is None else [],
                "not_recorded": [*draft.not_recorded, *self.tables.not_recorded],
            }
        )

    @staticmethod
    def json_of(content: Any) -> str:
        """Write plain values."""
        return json.dumps(content, indent=1, ensure_ascii=False, default=str) + "\n"
