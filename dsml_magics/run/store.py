"""Where a job keeps what its steps left: a folder, or any place fsspec knows, such as ``s3://bucket/jobs``."""

import json
import os
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from dsml_magics.errors import MissingPackage, StateUnusable
from dsml_magics.run.digest import digest_of


class Damaged(Exception):
    """A blob that is missing or is not what it was."""


class Place(Protocol):
    """Files by their names, each written whole or not at all."""

    def read(self, name: str) -> bytearray: ...
    def write(self, name: str, content: Any) -> None: ...
    def has(self, name: str) -> bool: ...
    def names(self, folder: str) -> list[str]: ...
    def remove(self, name: str) -> None: ...


@dataclass(frozen=True, slots=True)
class Store:
    """Records as JSON, and blobs named by the digest of their content: what is equal is kept once."""

    place: Place
    address: str

    def blob(self, digest: str) -> bytearray:
        """Read a blob.

        Raises
        ------
        Damaged
            It is missing, or something else than what was written.
        """
        try:
            content = self.place.read(_blob(digest))
        except (OSError, KeyError):
            raise Damaged(digest) from None
        if digest_of(content) != digest:
            with suppress(OSError):
                self.place.remove(_blob(digest))
            raise Damaged(digest)
        return content

    def check(self, digests: Iterable[str]) -> None:
        """Remove the blobs among these that are not what they were."""
        for digest in digests:
            with suppress(Damaged):
                self.blob(digest)

    def put_blob(self, digest: str, content: Any) -> None:
        """Write a blob, unless it is there."""
        if not self.place.has(_blob(digest)):
            self.place.write(_blob(digest), content)

    def keep_only(self, digests: frozenset[str]) -> None:
        """Remove the blobs that no record names any more."""
        for name in self.place.names("blobs"):
            if name.rpartition("/")[2] not in digests:
                with suppress(OSError):
                    self.place.remove(name)

    def values(self, name: str) -> dict[str, Any] | None:
        """Read a JSON file: None where there is none, or it is damaged."""
        try:
            content = json.loads(self.place.read(name))
        except (OSError, KeyError, ValueError):
            return None
        return content if isinstance(content, dict) else None

    def put_values(self, name: str, values: Mapping[str, Any]) -> None:
        self.place.write(name, json.dumps(values, ensure_ascii=False, indent=1).encode())


def _blob(digest: str) -> str:
    return f"blobs/{digest[:2]}/{digest}"


def store_at(address: str | os.PathLike[str], *, read_only: bool = False) -> Store:
    """Open a folder or URL; a folder is made where there is none, unless it is only read.

    Raises
    ------
    StateUnusable
        It cannot be made or reached.
    """
    text = os.fspath(address)
    if "://" in text:
        return Store(_remote(text, read_only=read_only), text)
    folder = Path(text).expanduser().absolute()
    try:
        if not read_only:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise StateUnusable(
            f"Expected a folder for the state of the job, got {text!r}: {error.strerror}."
        ) from None
    return Store(_Folder(folder), str(folder))


@dataclass(frozen=True, slots=True)
class _Folder:
    root: Path

    def read(self, name: str) -> bytearray:
        with (self.root / name).open("rb", buffering=0) as file:
            content = bytearray(os.fstat(file.fileno()).st_size)
            rest = memoryview(content)
            while rest and (count := file.readinto(rest)):
                rest = rest[count:]
        if rest:
            raise OSError(name)
        return content

    def write(self, name: str, content: Any) -> None:
        target = self.root / name
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        temporary = target.with_name(f".{target.name}-{os.getpid()}")
        try:
            with temporary.open("wb") as file:
                file.write(content)
            temporary.replace(target)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise

    def has(self, name: str) -> bool:
        return (self.root / name).exists()

    def names(self, folder: str) -> list[str]:
        return [
            path.relative_to(self.root).as_posix()
            for path in (self.root / folder).rglob("*")
            if path.is_file()
        ]

    def remove(self, name: str) -> None:
        (self.root / name).unlink()


@dataclass(frozen=True, slots=True)
class _Remote:
    files: Any
    root: str

    def read(self, name: str) -> bytearray:
        return bytearray(self.files.cat_file(f"{self.root}/{name}"))

    def write(self, name: str, content: Any) -> None:
        # An object store shows an object when all of it is there.
        target = f"{self.root}/{name}"
        self.files.makedirs(target.rpartition("/")[0], exist_ok=True)
        self.files.pipe_file(target, bytes(content))

    def has(self, name: str) -> bool:
        return bool(self.files.exists(f"{self.root}/{name}"))

    def names(self, folder: str) -> list[str]:
        found = self.files.find(f"{self.root}/{folder}")
        return [str(path)[len(self.root) :].lstrip("/") for path in found]

    def remove(self, name: str) -> None:
        self.files.rm_file(f"{self.root}/{name}")


def _remote(url: str, *, read_only: bool) -> _Remote:
    try:
        import fsspec
    except ImportError:
        raise MissingPackage(
            f"Keeping the state at {url.partition('://')[0]}:// needs fsspec. "
            "Install it with `pip install 'dsml-magics[cloud]'`."
        ) from None
    try:
        files, root = fsspec.core.url_to_fs(url.rstrip("/"))
        if not read_only:
            files.makedirs(root, exist_ok=True)
    except ImportError as error:
        raise MissingPackage(f"Keeping the state at {url!r} needs another package: {error}") from None
    except (OSError, ValueError) as error:
        raise StateUnusable(f"Expected a place for the state of the job, got {url!r}: {error}") from None
    return _Remote(files, str(root).rstrip("/"))
