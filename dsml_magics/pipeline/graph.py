"""The graph of a pipeline: its steps, the names that flow between them, and what each does besides."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Node:
    """A step: the names it reads before it binds them, those it binds, those whose objects it may change.

    `effects` are what it acts on besides: ``files``, ``files:out.csv``, ``random numbers``, ``settings``,
    ``network``, ``ledger``; `uses` what it depends on. A step that `is_opaque` runs code, such as
    ``exec``, that may do anything.
    """

    name: str
    title: str
    reads: tuple[str, ...] = ()
    binds: tuple[str, ...] = ()
    changes: tuple[str, ...] = ()
    effects: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    is_opaque: bool = False


@dataclass(frozen=True, slots=True)
class Edge:
    """Names that one step takes from another."""

    source: str
    target: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Graph:
    """Steps in their order, and what flows between them."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    warnings: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def to_svg(self) -> str:
        """Draw it."""
        from dsml_magics.pipeline.picture import picture_of

        return picture_of(self)

    def _repr_html_(self) -> str:
        return self.to_svg()

    def __str__(self) -> str:
        lines = [f"{len(self.nodes)} steps"]
        for node in self.nodes:
            takes = "; ".join(
                f"{', '.join(edge.names)} from {edge.source}"
                for edge in self.edges
                if edge.target == node.name
            )
            lines.append(f"  {node.name}" + (f"  takes {takes}" if takes else ""))
        return "\n".join(lines)

    __repr__ = __str__
