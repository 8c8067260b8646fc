"""The signature of a package: an Ed25519 key signs the bytes of its manifest, and with them the hash of every file.

Source: RFC 8032, by the library ``cryptography``. Keys are PEM files, as ``openssl genpkey -algorithm ed25519`` makes them.
"""

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dsml_magics.errors import PackageAltered, UsageError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

SIGNATURE = "dsml/signature.json"
_SCHEMA = "dsml.signature/1"
_MAX_BYTES = 1000


def read_private_key(path: Path) -> "Ed25519PrivateKey":
    """Read the key to sign with.

    Raises
    ------
    UsageError
        It is no private Ed25519 key in PEM, or needs a password.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key: Any
    try:
        key = load_pem_private_key(path.expanduser().read_bytes(), password=None)
    except (OSError, ValueError, TypeError) as error:
        key = error
    if not isinstance(key, Ed25519PrivateKey):
        raise UsageError(
            f"Expected a private Ed25519 key without a password in {str(path)!r}, got {_what(key)}. "
            "Make one: openssl genpkey -algorithm ed25519 -out key.pem"
        )
    return key


def read_public_key(path: Path) -> bytes:
    """Read the key to verify with; return its 32 bytes.

    Raises
    ------
    UsageError
        It is no public Ed25519 key in PEM.
    """
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    key: Any
    try:
        key = load_pem_public_key(path.expanduser().read_bytes())
    except (OSError, ValueError) as error:
        key = error
    if not isinstance(key, Ed25519PublicKey):
        raise UsageError(
            f"Expected a public Ed25519 key in {str(path)!r}, got {_what(key)}. "
            "Write it: openssl pkey -in key.pem -pubout -out public.pem"
        )
    return bytes(key.public_bytes_raw())


def _what(key: Any) -> str:
    if isinstance(key, OSError):
        return f"none: {key.strerror}"
    return "no such key" if isinstance(key, Exception) else f"a {type(key).__name__.lstrip('_')}"


@dataclass(frozen=True)
class Signature:
    """Who signed a manifest, by the public key, and the signature."""

    public_key: bytes
    value: bytes

    def to_bytes(self) -> bytes:
        """Return it as the file of a package has it."""
        parts = {"public_key": self.public_key, "signature": self.value}
        encoded = {name: base64.b64encode(part).decode() for name, part in parts.items()}
        return (json.dumps({"schema": _SCHEMA, **encoded}, indent=2) + "\n").encode()


def sign(folder: Path, manifest: bytes, key: "Ed25519PrivateKey") -> None:
    """Write the signature of a manifest into its package."""
    signature = Signature(key.public_key().public_bytes_raw(), key.sign(manifest))
    (folder / SIGNATURE).write_bytes(signature.to_bytes())


def check_signature(folder: Path, manifest: bytes, *, public_key: bytes | None = None) -> None:
    """Verify the signature of a package, if it has one or must have one.

    Parameters
    ----------
    public_key
        The key that must have signed it. Without it, whoever altered the package may have signed it anew.

    Raises
    ------
    PackageAltered
        There is no signature by this key, or it is of another manifest.
    """
    signature = _read(folder / SIGNATURE)
    if signature is None:
        if public_key is not None:
            raise PackageAltered(
                f"Expected a signed package, got one without a signature: {str(folder)!r}. Sign it: dsml publish --sign KEY"
            )
        return
    if public_key not in (None, signature.public_key):
        raise PackageAltered(f"Expected a package signed by the given key, got another's: {str(folder)!r}.")
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    try:
        Ed25519PublicKey.from_public_bytes(signature.public_key).verify(signature.value, manifest)
    except (InvalidSignature, ValueError):
        raise PackageAltered(
            f"Expected the manifest that was signed, got another in {str(folder)!r}. Deploy and sign it again."
        ) from None


def _read(path: Path) -> Signature | None:
    if not path.is_file():
        return None
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_BYTES)
        found = json.loads(content)
        signature = Signature(base64.b64decode(found["public_key"]), base64.b64decode(found["signature"]))
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        signature = None
    if signature is None or signature.to_bytes() != content:
        raise PackageAltered(f"Expected a signature in {str(path)!r}, got something else. Sign it again.")
    return signature
