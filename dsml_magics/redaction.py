"""Secrets, kept out of every text that leaves the process: the ledger, a report, a script, a log, a job's state.

There is no other redactor. It knows a secret by the name it is given to, by the shape of well-known keys, by its place in
a URL, and by its value where that is known (`secret_values`).
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from urllib.parse import unquote, urlsplit

MASK = "***"

_SECRET = re.compile(
    r"(?:^|_)(?:token|pwd|secrets?|credentials?|authorization|cookie|jwt|bearer"
    r"|(?:api|access|private|account|auth|signing|encryption|subscription|storage|shared|master|ssh)_?keys?"
    r"|(?:gh|git|github|gitlab|azure|ado)_pat)(?:$|_|\d)"
    r"|password|passwd|passphrase|(?:^|_)pw\d*$|(?:api|account|access)key$|(?:access|auth|bearer|refresh|session)token$"
    r"|(?:^|_)(?:admin|db|ftp|ldap|login|mail|my|mysql|oracle|pg|postgres|redis|root|smtp|sudo|user)_?pass$"
)
_NO_SECRET = re.compile(
    # What tokenizers of language models call tokens, and what is said of a secret rather than the secret itself.
    r"^(?:add|additional|audio|begin|bos|cls|cur|current|each|end|eos|first|image|last|mask|max|min|n|new|next|num|pad|per"
    r"|prev|sep|special|start|stop|sub|unk|word)_token(?:_str)?(?:$|_id)"
    r"|_(?:arn|budget|class|classes|classification|column|count|counts|dim|dir|embeddings?|env|expires?|expiry|field|file"
    r"|folder|format|ids?|idx|index|label|labels|len|length|level|limit|lists?|logits|manager|mask|names?|path|pattern|policy"
    r"|prob|probs|rate|regex|size|ttl|types?|ur[il]|var|version|vocab)$"
)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

_URL = re.compile(r"(?<![A-Za-z0-9+.-])[A-Za-z][A-Za-z0-9+.-]*+://[^\s'\"`<>\\]+")
_PLACEHOLDER = re.compile(r"[{$<%]")
_KEYS = re.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)"
    r"|(?<![A-Za-z0-9])(?:"
    r"(?:AKIA|ASIA)[A-Z0-9]{16}"  # Amazon
    r"|gh[pousr]_[A-Za-z0-9]{20,}+|github_pat_\w{20,}+|glpat-[\w-]{16,}+"
    r"|xox[abeoprs]-[A-Za-z0-9-]{10,}+"  # Slack
    r"|AIza[\w-]{35}|ya29\.[\w-]{20,}+"  # Google
    r"|sk-[A-Za-z0-9_-]{20,}+|[sr]k_(?:live|test)_[A-Za-z0-9]{16,}+|hf_[A-Za-z0-9]{20,}+|dapi[0-9a-f]{32}"
    r"|npm_[A-Za-z0-9]{30,}+|pypi-[\w-]{40,}+|SG\.[\w-]{16,}+\.[\w-]{16,}+"
    r"|(?<![\w-])eyJ[\w-]{8,}+\.eyJ[\w-]{8,}+(?:\.[\w-]*+)?+"  # JSON Web Tokens
    r")(?![A-Za-z0-9])",
    re.DOTALL,
)
_SCHEME = re.compile(
    r"(?i)(authorization(?:\\*[\"'])?[ \t]*+[:=,][ \t]*+(?:\\*[\"'])?(?:basic|bearer|digest|token|apikey)[ \t]+(?=[\w.~+/=:-])"
    # In a sentence "bearer" is a word: what follows is a secret if it looks like one, or if both are all that is quoted.
    r"|\bbearer[ \t]+(?=[\w.~+/=-]{3})(?=[\w.~+/=-]*(?:\d|[\w.~+/=-]{19}|(?-i:[a-z][A-Z])))"
    r"|(?<=[\"'])bearer[ \t]+(?!(?:auth\w*|realm|scheme|tokens?)\b)(?=[\w.~+/=:-]++\\*[\"']))[\w.~+/=:-]+"
)
# What lets whoever has a URL use it: signatures of storages, and the path of a webhook.
_SIGNED = re.compile(
    r"(?i)([?&;](?:sig|[\w-]{0,20}signature)=|\bhooks\.slack\.com/services/)[^&\s'\"`<>\\{]+"
)
# An address of Oracle holds user and password without the signs of a URL.
_ORACLE = re.compile(r"(?i)(\bjdbc:oracle:\w{1,9}:)[^\s'\"`@/]{0,100}/([^\s'`,;]{1,300})(?=@)")
_LOGIN = re.compile(r"((?<!\S)(?:-u|--user|--proxy-user)[ =]['\"]?[^\s:'\"]+:)[^\s'\"]+")

_NAME = re.compile(r"(?<![\w.-])-*+(?P<name>[A-Za-z_][\w.-]*+)")
_SIGN = re.compile(
    r"(?:\\*[\"'])?\]?[ \t]*+"
    r"(?::[ \t]*+[A-Za-z_][\w.\[\], |\"']{0,60}?[ \t]*+=(?!=)|[:=!]=|=>|=|:)[ \t]*+"
    r"(?:\(\s*+)?"
)
_DEFAULT = re.compile(r"(?:setdefault|[gs]etenv|putenv|environ\.get)\(\s*\\*[\"']$")
_COMMA = re.compile(r"\\*[\"'][ \t]*+,[ \t]*+(?=\\*[\"'])")
_QUOTED = re.compile(
    r"[A-Za-z]{0,2}(?:"
    r"(?P<quote>\"\"\"|\'\'\')(?P<value>(?:\\.|[^\\])*?)(?P<close>(?P=quote)|\Z)"
    r"|(?P<quote1>[\"'])(?P<value1>(?:\\.|(?!(?P=quote1))[^\\\n])*+)(?P<close1>(?P=quote1)|)"
    # Within a text that is quoted itself, as in JSON.
    r"|(?P<quote2>\\++[\"'])(?P<value2>[^\n]*?)(?P<close2>(?<!\\)(?P=quote2)|$)"
    r")",
    re.DOTALL | re.MULTILINE,
)
_MORE = re.compile(r"\s*+(?=[A-Za-z]{0,2}[\"'])")
_BARE = re.compile(r"[^\s'\"`&,;(){}\[\]<>\\]++(?![(\[])")
_OPTION_VALUE = re.compile(r"[ \t]+(?=[^\s-])(?P<value>[^\s'\"]+)")
_NO_VALUE = frozenset(
    (
        "",
        MASK,
        "-",
        "none",
        "null",
        "true",
        "false",
        "nan",
        "str",
        "bytes",
        "int",
        "bool",
        "object",
        "missing",
        "optional",
    )
)
_FOLDERS = ("PWD", "OLDPWD")
"""What a shell calls the folders it is and was in: no passwords."""
_LEAST = 6
"""Values shorter than this are too common to be looked for everywhere."""


def is_secret(name: str) -> bool:
    """Tell whether a variable, key or option of this name likely holds a secret.

    Examples
    --------
    >>> is_secret("api_key"), is_secret("--db-password"), is_secret("clientSecret"), is_secret("tokens_per_row")
    (True, True, True, False)
    >>> is_secret("pad_token"), is_secret("token_file")
    (False, False)
    """
    own = name.rpartition(".")[2]
    plain = re.sub(r"[\s-]+", "_", _CAMEL.sub("_", own)).lower().strip("_")
    return _SECRET.search(plain) is not None and _NO_SECRET.search(plain) is None


def redact(text: str, values: Collection[str] = (), *, code: bool = False) -> str:
    """Hide the secrets in a text; in time linear in its length.

    Parameters
    ----------
    values
        Secrets known by value, see `secret_values`.
    code
        Whether the text is Python, where what stands without quotes is an expression and no secret.

    Examples
    --------
    >>> redact("postgresql://me:p@ssw0rd@db/x and token = 'abc'")
    "postgresql://***@db/x and token = '***'"
    """
    for value in sorted(values, key=len, reverse=True):
        text = text.replace(value, MASK)
    text = _URL.sub(lambda found: _redact_url(found[0]), text)
    text = _KEYS.sub(MASK, text)
    text = _SCHEME.sub(rf"\1{MASK}", text)
    text = _SIGNED.sub(rf"\1{MASK}", text)
    text = _ORACLE.sub(lambda found: found[0] if _is_placeholder(found[2]) else found[1] + MASK, text)
    text = _LOGIN.sub(rf"\1{MASK}", text)
    return _redact_named(text, code=code)


def holds_secret(text: str) -> bool:
    """Tell whether there is a secret in a text."""
    return redact(text) != text


def redact_options(words: Sequence[str]) -> list[str]:
    """Hide the values of options such as ``--token``, in the words of a command line.

    Examples
    --------
    >>> redact_options(["--token=abc", "--api-key", "def", "-n", "3"])
    ['--token=***', '--api-key', '***', '-n', '3']
    """
    hidden, shown = False, []
    for word in words:
        option, given, _ = word.partition("=")
        secret = option.startswith("-") and is_secret(option)
        shown.append(MASK if hidden else f"{option}={MASK}" if secret and given else redact(word))
        hidden = secret and not given
    return shown


def redact_each(values: Mapping[str, str], known: Collection[str] = ()) -> dict[str, str]:
    """Hide the secrets among named texts, such as parameters: all of what has a secret's name.

    Examples
    --------
    >>> redact_each({"api_key": "abc", "url": "https://u:p@h"})
    {'api_key': '***', 'url': 'https://***@h'}
    """
    return {name: MASK if is_secret(name) else redact(value, known) for name, value in values.items()}


def secret_values(variables: Mapping[str, object]) -> frozenset[str]:
    """Collect the secrets among variables: texts under a secret's name, and passwords in URLs.

    Parameters
    ----------
    variables
        A namespace, or the environment; of other values than texts nothing is known.
    """
    found = set()
    for name, value in list(variables.items()):
        if not isinstance(value, str) or len(value) < _LEAST:
            continue
        if is_secret(str(name)) and name not in _FOLDERS:
            found.add(value)
        found.update(_passwords(value))
    return frozenset(value for value in found if len(value) >= _LEAST)


def _passwords(text: str) -> Iterator[str]:
    for url in _URL.findall(text) if "://" in text else ():
        if user_info := _user_info(url):
            password = user_info.partition(":")[2] or user_info
            yield from (password, unquote(password))


def _redact_url(url: str) -> str:
    user_info = _user_info(url)
    scheme, _, rest = url.partition("://")
    return f"{scheme}://{MASK}{rest[len(user_info) :]}" if user_info else url


def _user_info(url: str) -> str:
    """Return what stands before the host of a URL; also where a password that was not quoted hides the host."""
    rest = url.partition("://")[2]
    try:
        authority = urlsplit(url).netloc
    except ValueError:  # brackets that are no address of IPv6
        authority = re.split(r"[/?#]", rest, maxsplit=1)[0]
    user_info, at, host = authority.rpartition("@")
    if at and _is_placeholder(user_info):
        return ""
    port = host.rpartition("]")[2].rpartition(":")[2] if host.startswith("[") else host.partition(":")[2]
    if at or not (port.isdigit() or _is_placeholder(port)):
        # A password that was not quoted may hold what ends the host: all up to the last at sign is taken for it.
        return rest.rpartition("@")[0] or authority
    return ""


def _is_placeholder(text: str) -> bool:
    """Tell a text that is filled in elsewhere, such as ``{user}:{password}``."""
    return (
        re.fullmatch(r"(?i:(?:basic|bearer|token) )?(?:\$?\{[^{}]*\}|\$\w+|<[^<>]*>|%\(?\w*\)?s|:)*", text)
        is not None
    )


def _redact_named(text: str, *, code: bool) -> str:
    """Hide what is given to names of secrets."""
    pieces, done = [], 0
    for found in _NAME.finditer(text):
        if found.start() < done or not is_secret(found["name"]):
            continue
        for start, end, mask in _values_after(text, found, code=code):
            pieces += [text[done:start], mask]
            done = end
    return "".join([*pieces, text[done:]])


def _values_after(text: str, name: re.Match[str], *, code: bool) -> Iterable[tuple[int, int, str]]:
    """Find what a name is given: where it begins and ends, and what stands for it."""
    sign = _SIGN.match(text, name.end())
    if sign is None and _DEFAULT.search(text[max(0, name.start() - 20) : name.start()]):
        sign = _COMMA.match(text, name.end())
    if sign is None:
        option = _OPTION_VALUE.match(text, name.end()) if name[0].startswith("--") else None
        return [] if option is None else [(option.start("value"), option.end(), MASK)]
    if _QUOTED.match(text, sign.end()):
        return _quoted(text, sign.end())
    bare = None if code else _BARE.match(text, sign.end())
    if bare is None or bare[0].lower() in _NO_VALUE or _PLACEHOLDER.match(bare[0]):
        return []
    return [(bare.start(), bare.end(), f'"{MASK}"' if '"' in sign[0] and ":" in sign[0] else MASK)]


def _quoted(text: str, at: int) -> list[tuple[int, int, str]]:
    """Find the quoted texts from a place on: one, or several that Python joins."""
    found: list[tuple[int, int, str]] = []
    while quoted := _QUOTED.match(text, at):
        which = next(which for which in ("", "1", "2") if quoted["quote" + which])
        start, end = quoted.span("value" + which)
        if text[start:end].lower() not in _NO_VALUE and not _is_placeholder(text[start:end]):
            found.append((start, end, MASK))
        more = _MORE.match(text, quoted.end()) if quoted["close" + which] else None
        if more is None:
            break
        at = more.end()
    return found
