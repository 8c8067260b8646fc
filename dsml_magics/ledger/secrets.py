"""What must not reach the ledger, a report, a script or a log."""

import re
from collections.abc import Sequence

_CREDENTIALS = re.compile(r"(?<=://)[^/@\s'\"]+:[^/@\s'\"]+(?=@)")
_SECRET_NAME = re.compile(
    r"(?i)(^|_)(token|password|passwd|pwd|secret|credentials?|api_?key|access_?key|private_?key)($|_|\d)"
)

MASK = "***"


def masked(text: str) -> str:
    """Hide user and password in URLs.

    Examples
    --------
    >>> masked("postgresql://me:hunter2@db/x")
    'postgresql://***@db/x'
    """
    return _CREDENTIALS.sub(MASK, text)


def is_secret(name: str) -> bool:
    """Tell whether a variable of this name likely holds a secret.

    Examples
    --------
    >>> is_secret("api_key"), is_secret("tokens_per_row")
    (True, False)
    """
    return _SECRET_NAME.search(name) is not None


def without_secret_options(words: Sequence[str]) -> list[str]:
    """Hide the values of options such as ``--token``, in the words of a command line.

    Examples
    --------
    >>> without_secret_options(["--token=abc", "--api-key", "def", "-n", "3"])
    ['--token=***', '--api-key', '***', '-n', '3']
    """
    hidden, shown = False, []
    for word in words:
        option, given, _ = word.partition("=")
        secret = option.startswith("-") and is_secret(option.lstrip("-").replace("-", "_"))
        shown.append(MASK if hidden else f"{option}={MASK}" if secret and given else masked(word))
        hidden = secret and not given
    return shown
