"""How a server is run: what it answers from, and its limits."""

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from dsml_magics.errors import ServerUnusable

_CANARY = re.compile(r"(?P<version>\d+)=(?P<percent>\d+(\.\d+)?)%?")


@dataclass(frozen=True)
class Limits:
    """What a request may cost.

    Attributes
    ----------
    body_mb
        Size of a body; more is answered with 413.
    rows
        Rows of a request; more is answered with 413.
    seconds
        Until the headers and the body have arrived, or 408; and until they are answered, or 504.
    requests
        Requests that one process works on at a time; more are answered with 429.
    """

    body_mb: float = 32.0
    rows: int = 100_000
    seconds: float = 30.0
    requests: int = 256

    @property
    def body_bytes(self) -> int:
        """Largest body, in bytes."""
        return int(self.body_mb * 1e6)

    @property
    def read_bytes(self) -> int:
        """Most memory that lists, objects, texts or columns read from one body may take beside what it holds itself."""
        return 10 * self.body_bytes


DEFAULT = Limits()


@dataclass(frozen=True)
class Settings:
    """How a server is run.

    Attributes
    ----------
    canary, canary_percent
        Version that answers some of the requests, and how many of a hundred.
    shadow
        Version that answers all requests too, unseen.
    windows
        Folder for profiles of what was asked and answered.
    batch_ms
        How long to wait for other requests to answer together; 0 for not at all.
    window_seconds
        How long a window of production is.
    allowed_hosts
        Names beside its own that a server without a token answers to; ``*`` for any.
    verify_key
        File with the public key that packages must be signed by.
    """

    reference: str
    host: str = "127.0.0.1"
    port: int = 0
    workers: int = 1
    token: str | None = field(default=None, repr=False)
    canary: int | None = None
    canary_percent: float = 0.0
    shadow: int | None = None
    windows: str | None = None
    window_seconds: int = 3600
    batch_ms: float = 0.0
    allowed_hosts: Sequence[str] = ()
    verify_key: str | None = None
    limits: Limits = field(default_factory=Limits)

    def to_json(self) -> str:
        """Return them as JSON, for the processes of the server."""
        return json.dumps(asdict(self))

    @classmethod
    def from_json(cls, text: str) -> "Settings":
        """Read what `to_json` gave."""
        content = json.loads(text)
        return cls(**{**content, "limits": Limits(**content["limits"])})


def settings_of(reference: str, *, canary: str | None, token_file: str | None, **given: Any) -> Settings:
    """Check what was asked for.

    Raises
    ------
    ServerUnusable
        With what was expected.
    """
    settings = Settings(reference, **given)
    for name, value, least, most in (
        ("workers", settings.workers, 1, 256),
        ("port", settings.port, 0, 65535),
    ):
        if not least <= value <= most:
            raise ServerUnusable(f"Expected {name} from {least} to {most}, got {value}.")
    if canary is not None:
        settings = _with_canary(settings, canary)
    if token_file is not None:
        settings = replace(settings, token=_token(Path(token_file)))
    if settings.windows is not None:
        settings = replace(settings, windows=str(_folder(Path(settings.windows))))
    return settings


def _with_canary(settings: Settings, text: str) -> Settings:
    found = _CANARY.fullmatch(text.strip())
    if not found or not 0 < float(found["percent"]) <= 100:
        raise ServerUnusable(f"Expected a canary as VERSION=PERCENT such as 4=10, got {text!r}.")
    return replace(settings, canary=int(found["version"]), canary_percent=float(found["percent"]))


def _token(path: Path) -> str:
    try:
        token = path.expanduser().read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ServerUnusable(f"Expected a file with a token, but: {error}.") from None
    if len(token) < 16 or not token.isascii() or not token.isprintable() or " " in token:
        raise ServerUnusable(
            f"Expected a token of at least 16 printable characters in {str(path)!r}, got {len(token)}. "
            "`openssl rand -hex 32` makes a good one."
        )
    return token


def _folder(path: Path) -> Path:
    path = path.expanduser().resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ServerUnusable(f"Expected a folder for windows, but: {error}.") from None
    return path
