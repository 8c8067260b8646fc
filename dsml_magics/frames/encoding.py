"""The encoding of a text file that is not UTF-8, found in its own bytes."""

import codecs
from collections.abc import Iterable, Iterator
from itertools import islice

_SAMPLE_LINES = 2000
_SAMPLE_BYTES = 1 << 20
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CANDIDATES = ["cp949", "cp1252", "shift_jis", "gb18030", "big5"]
_CONTROLS = bytes(code for code in range(32) if code not in b"\t\n\r\x0c")
_MIN_HANGUL = 0.9
"""Share of Hangul among the letters beyond ASCII from which a text is taken for Korean: a few lines show no more."""


def marked_encoding(start: bytes) -> str | None:
    """Return the encoding that the mark at the beginning of a file names; None for UTF-8 and without a mark."""
    return next((name for mark, name in _MARKS if start.startswith(mark)), None)


def detect_encoding(chunks: Iterable[bytes]) -> str | None:
    """Find the encoding of a text from its lines beyond ASCII, wherever they come.

    Returns
    -------
    str or None
        Python's name of it. None where it is no text, or UTF-8 with some damage.
    """
    sample = list(_limited(islice(_lines_beyond_ascii(chunks), _SAMPLE_LINES)))
    text = b"\n".join(sample)
    valid = sum(_decoded(line, "utf-8") is not None for line in sample)
    if not sample or 2 * valid > len(sample) or text.translate(None, _CONTROLS) != text:
        return None
    return "cp949" if _is_korean(text) else _best(text)


def _lines_beyond_ascii(chunks: Iterable[bytes]) -> Iterator[bytes]:
    kept = b""
    for chunk in chunks:
        if kept.isascii() and chunk.isascii():
            kept = chunk[chunk.rfind(b"\n") + 1 :]
            continue
        *lines, kept = (kept + chunk).split(b"\n")
        yield from (line for line in lines if not line.isascii())
    if not kept.isascii():
        yield kept


def _limited(lines: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for line in lines:
        yield line
        size += len(line)
        if size > _SAMPLE_BYTES:
            return


def _decoded(text: bytes, encoding: str) -> str | None:
    try:
        return text.decode(encoding)
    except UnicodeDecodeError:
        return None


def _is_korean(text: bytes) -> bool:
    decoded = _decoded(text, "cp949")
    letters = [char for char in decoded or "" if not char.isascii()]
    return bool(letters) and sum("가" <= char <= "힣" for char in letters) >= _MIN_HANGUL * len(letters)


def _best(text: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(text, cp_isolation=_CANDIDATES).best()
    if found is not None:
        return found.encoding
    # Every byte is a letter of Latin-1; cp1252 has marks of typography where that has controls.
    return "cp1252" if _decoded(text, "cp1252") is not None else "latin-1"
