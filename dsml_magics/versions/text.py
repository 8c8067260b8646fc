"""Packaged models as text for a terminal."""

from typing import TYPE_CHECKING

from dsml_magics.profile.language import number, printable
from dsml_magics.runs.text import aligned

if TYPE_CHECKING:
    from dsml_magics.versions.listing import Models

_METRICS = 3


def text_of_models(models: "Models") -> str:
    """Write a line a version, then how the champion moved."""
    if not models:
        return "No packaged models. `dsml deploy` makes one."
    columns = [
        ("name", [printable(version.name, 30) for version in models]),
        ("version", [str(version.number) for version in models]),
        ("alias", [", ".join(version.aliases) for version in models]),
        ("age", [version.age for version in models]),
        *(
            (name, [number(version.metrics.get(name)) for version in models])
            for name in models.metrics[:_METRICS]
        ),
        ("proof", [printable(version.proof, 60) or "none" for version in models]),
    ]
    lines = aligned(columns)
    if len(models.moves) == 1:
        ((_, moves),) = models.moves.items()
        lines += ["", *(printable(str(move), 160) for move in moves)]
    for name, users in models.approvers.items():
        lines.append(f"{name}: only {', '.join(users)} may promote")
    return "\n".join(lines)
