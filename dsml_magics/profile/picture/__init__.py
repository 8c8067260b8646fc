"""The pictures of a report: each a function of figures, drawn as inline SVG."""
