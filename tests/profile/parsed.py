"""A page taken apart, and refused where it is no well-formed, harmless HTML."""

import re
from html.parser import HTMLParser

VOID = {"meta", "input", "br", "hr", "img", "link"}
ALLOWED = set(
    """
    html head meta title style body main section header nav ul ol li a p b span div dl dt dd h1 h2 h3
    table caption thead tbody tr th td figure figcaption details summary code fieldset legend label input
    svg desc path g text
    """.split()  # noqa: SIM905  a line a word is no easier to read
)


class Parsed(HTMLParser):
    """The elements, texts, ids and links of a page."""

    def __init__(self, page):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.texts, self.said = [], [], [], []
        self.ids, self.links, self.headings, self.styles = [], [], [], []
        self.feed(page)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        assert tag in ALLOWED, tag
        found = dict(attributes)
        assert len(found) == len(attributes), attributes
        assert not [name for name in found if name.startswith("on") or name in ("src", "srcdoc", "action")]
        self.elements.append((tag, found, tuple(self.open)))
        self.said += [found[name] for name in ("aria-label", "title") if name in found]
        if "id" in found:
            self.ids.append(found["id"])
        if "href" in found:
            self.links.append(found["href"])
        if re.fullmatch("h[1-6]", tag):
            self.headings.append(int(tag[1]))
        if found.get("role") == "heading":
            self.headings.append(int(found["aria-level"]))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag):
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" in self.open:
            self.styles.append(data)
        elif "code" not in self.open:
            self.texts.append(data)

    def handle_comment(self, data):
        raise AssertionError(data)

    def all(self, tag):
        """The attributes of each element of a kind."""
        return [found for name, found, _ in self.elements if name == tag]

    def inside(self, tag, parent):
        """Count elements of a kind that stand in another."""
        return sum(name == tag and parent in parents for name, _, parents in self.elements)

    @property
    def text(self):
        """All that is read or read out, but code."""
        return " ".join("\n".join([*self.texts, *self.said]).split())
