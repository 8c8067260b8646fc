"""A package that is not as it was proved: altered bytes, foreign entries, rewritten hashes, forged signatures."""

import os
import pickle
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import chdir
from pathlib import Path

import pandas as pd
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.errors import ModelError
from dsml_magics.package.manifest import MANIFEST, seal
from dsml_magics.package.opening import open_package
from dsml_magics.package.signature import read_private_key, sign

BYTES_PER_FILE = 100
Outcome = tuple[str, bool, str]


class Bomb:
    """A pickle that leaves a trace when it is loaded."""

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (Path("exploded"),))


def attack(bytes_per_file: int = BYTES_PER_FILE) -> Iterator[Outcome]:
    """Alter copies of one small package, and see whether each is refused before anything is loaded."""
    with tempfile.TemporaryDirectory() as work, chdir(work):
        rows = pd.DataFrame({"age": range(100)})
        os.environ["MLFLOW_TRACKING_URI"] = f"sqlite:///{work}/mlflow.db"
        dsml.deploy(LogisticRegression().fit(rows, rows["age"] > 40), name="income", data=rows)
        for name in ("own", "forger"):
            subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", f"{name}.pem"], check=True)
        subprocess.run(["openssl", "pkey", "-in", "own.pem", "-pubout", "-out", "public.pem"], check=True)
        dsml.publish("income", to="package", sign="own.pem")
        yield from flips(Path("package"), bytes_per_file)
        yield from entries(Path("package"))
        yield from forgeries(Path("package"))
        yield "nothing of it was run", not Path("exploded").exists(), ""


def refused(folder: Path, **options: str) -> str | None:
    """Say how a package was refused: None if it was opened."""
    try:
        open_package(str(folder), **options)
    except ModelError as error:
        return type(error).__name__
    return None


def flips(folder: Path, bytes_per_file: int) -> Iterator[Outcome]:
    """Alter one byte at a time."""
    rng = random.Random(19)
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        whole, passed = path.read_bytes(), 0
        places = rng.sample(range(len(whole)), min(bytes_per_file, len(whole)))
        for at in places:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ rng.randrange(1, 256)]) + whole[at + 1 :])
            passed += refused(folder) is None
        path.write_bytes(whole)
        yield f"altered bytes of {path.relative_to(folder)}", not passed, f"{passed} of {len(places)} passed"


def entries(folder: Path) -> Iterator[Outcome]:
    """Add what is no file of the package."""

    def listen(path: Path) -> None:
        with socket.socket(socket.AF_UNIX) as server, chdir(path.parent):
            server.bind(path.name)

    makers: dict[str, Callable[[Path], object]] = {
        "a file": Path.touch,
        "an empty folder": Path.mkdir,
        "a named pipe": os.mkfifo,
        "a socket": listen,
        "a link": lambda path: path.symlink_to("MLmodel"),
    }
    for what, make in makers.items():
        for name in ("added", "dsml/added", "registered_model_meta"):
            copy = Path(shutil.copytree(folder, "copy"))
            make(copy / name)
            # MLflow's own file is empty for a moment while MLflow writes it: it says nothing.
            is_allowed = (what, name) == ("a file", "registered_model_meta")
            how = refused(copy)
            yield f"{what} as {name}", is_allowed or how is not None, how or "opened"
            shutil.rmtree(copy)


def forgeries(folder: Path) -> Iterator[Outcome]:
    """Change the model and write its new hash into the manifest; sign that with another key, or take the signature away."""
    copy = Path(shutil.copytree(folder, "copy"))
    (copy / "model.skops").write_bytes(pickle.dumps(Bomb()))
    seal(copy)
    how = refused(copy)
    yield "a rewritten hash, the old signature", how is not None, how or "opened"
    sign(copy, (copy / MANIFEST).read_bytes(), read_private_key(Path("forger.pem")))
    how = refused(copy, verify_key="public.pem")
    yield "a rewritten hash, signed by a forger, --verify-key", how is not None, how or "opened"
    how = refused(copy)
    yield "a rewritten hash, signed by a forger, known to the ledger", how is not None, how or "opened"
    (copy / "dsml/signature.json").unlink()
    how = refused(copy, verify_key="public.pem")
    yield "a rewritten hash, no signature, --verify-key", how is not None, how or "opened"
    how = refused(copy)
    yield "a rewritten hash, no signature, known to the ledger", how is not None, how or "opened"
