"""The graph of a pipeline as SVG: steps from top to bottom, and at their left what flows past others."""

from collections.abc import Sequence

from markupsafe import Markup

from dsml_magics.pipeline.graph import Edge, Graph, Node

_WIDTH, _GAP, _LINE, _PADDING, _LANE = 560, 22, 18, 10, 16
_TEXT = 84
"""Characters that fit on a line of a step."""


def picture_of(graph: Graph) -> str:
    """Draw a graph; colours follow the theme of what surrounds it."""
    rows = [_lines(node, graph.edges) for node in graph.nodes]
    lanes = _lanes(graph)
    left = 14 + _LANE * max((lane + 1 for lane in lanes.values()), default=0)
    tops: list[int] = []
    y = 4
    for lines in rows:
        tops.append(y)
        y += 2 * _PADDING + _LINE * len(lines) + _GAP
    boxes = Markup().join(
        _box(node, lines, left, top) for node, lines, top in zip(graph.nodes, rows, tops, strict=True)
    )
    places = {
        node.name: (top, 2 * _PADDING + _LINE * len(lines))
        for node, lines, top in zip(graph.nodes, rows, tops, strict=True)
    }
    arrows = Markup().join(
        _arrow(edge, places, left, lanes.get((edge.source, edge.target))) for edge in graph.edges
    )
    return str(_SVG.format(width=left + _WIDTH + 4, height=max(y - _GAP + 4, 8), boxes=boxes, arrows=arrows))


_SVG = Markup(
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" role="img" '
    'style="max-width:100%;height:auto" font-family="system-ui,sans-serif" font-size="12.5" '
    'fill="var(--jp-content-font-color1,currentColor)" stroke="none">'
    '<defs><marker id="dsml-arrow" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto">'
    '<path d="M0,0 L8,4 L0,8 z" fill="#8a8f98"/></marker></defs>{boxes}{arrows}</svg>'
)

_STYLES = {
    "": Markup('opacity="0.85"'),
    "title": Markup('font-weight="600"'),
    "effect": Markup('fill="#b45309"'),
}


def _lines(node: Node, edges: Sequence[Edge]) -> list[tuple[str, str]]:
    """Write what a step says of itself: (kind, text)."""
    takes = "; ".join(f"{_few(edge.names)} from {edge.source}" for edge in edges if edge.target == node.name)
    gives = {name for edge in edges if edge.source == node.name for name in edge.names}
    own = [name for name in node.binds if name in gives] or list(node.binds)
    said = [("title", node.title or node.name)]
    said += [("", f"takes {takes}")] if takes else []
    said += [("", f"gives {_few(own)}")] if own else []
    others = [name for name in node.changes if name not in node.binds]
    said += [("", f"changes {_few(others)}")] if others else []
    effects = [*node.effects, *(["anything"] if node.is_opaque else [])]
    return said + ([("effect", f"acts on {_few(effects)}")] if effects else [])


def _few(names: Sequence[str], most: int = 6) -> str:
    more = len(names) - most
    return ", ".join(names[:most]) + (f" and {more} more" if more > 0 else "")


def _lanes(graph: Graph) -> dict[tuple[str, str], int]:
    """Give each arrow that passes other steps a lane of its own, the shortest nearest to the steps."""
    order = {node.name: at for at, node in enumerate(graph.nodes)}
    long = [
        (order[edge.source], order[edge.target], edge)
        for edge in graph.edges
        if order[edge.target] - order[edge.source] > 1
    ]
    taken: list[list[tuple[int, int]]] = []
    lanes: dict[tuple[str, str], int] = {}
    for start, end, edge in sorted(long, key=lambda each: (each[1] - each[0], each[0])):
        lane = next(
            (at for at, spans in enumerate(taken) if all(end <= a or start >= b for a, b in spans)),
            len(taken),
        )
        if lane == len(taken):
            taken.append([])
        taken[lane].append((start, end))
        lanes[edge.source, edge.target] = lane
    return lanes


def _box(node: Node, lines: Sequence[tuple[str, str]], left: int, top: int) -> Markup:
    height = 2 * _PADDING + _LINE * len(lines)
    stroke = "#c2410c" if node.is_opaque else "#8a8f98"
    said = Markup().join(
        _text(kind, text, left + 12, top + _PADDING + 13 + _LINE * at)
        for at, (kind, text) in enumerate(lines)
    )
    return Markup(
        '<rect x="{}" y="{}" width="{}" height="{}" rx="6" fill="var(--jp-layout-color2,#8a8f9818)" stroke="{}"/>{}'
    ).format(left, top, _WIDTH, height, stroke, said)


def _text(kind: str, text: str, x: int, y: int) -> Markup:
    shown = text if len(text) <= _TEXT else f"{text[: _TEXT - 1]}…"
    style = _STYLES.get(kind, _STYLES[""])
    return Markup('<text x="{}" y="{}" {}><title>{}</title>{}</text>').format(x, y, style, text, shown)


def _arrow(edge: Edge, places: dict[str, tuple[int, int]], left: int, lane: int | None) -> Markup:
    (top, height), (target, target_height) = places[edge.source], places[edge.target]
    if lane is None:
        path = f"M{left + 40},{top + height} V{target - 1}"
    else:
        x, start, end = left - 12 - _LANE * lane, top + height - 10, target + min(14, target_height // 2)
        path = f"M{left},{start} H{x + 5} Q{x},{start} {x},{start + 5} V{end - 5} Q{x},{end} {x + 5},{end} H{left - 1}"
    return Markup(
        '<path d="{}" fill="none" stroke="#8a8f98" stroke-width="1.4" marker-end="url(#dsml-arrow)"><title>{}</title></path>'
    ).format(path, ", ".join(edge.names))
