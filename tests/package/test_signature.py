"""A signature tells who made a package; a manifest only that nothing was changed by accident."""

import json
import pickle
import subprocess
from pathlib import Path

import pytest

import dsml_magics as dsml
from dsml_magics.errors import ModelError, PackageAltered, UsageError
from dsml_magics.package.manifest import MANIFEST, seal
from dsml_magics.package.opening import open_package
from dsml_magics.package.signature import SIGNATURE, read_private_key, sign
from tests.deploy.conftest import X


def make_keys(folder, name):
    private, public = folder / f"{name}.pem", folder / f"{name}-public.pem"
    subprocess.run(["openssl", "genpkey", "-algorithm", "ed25519", "-out", private], check=True)
    subprocess.run(["openssl", "pkey", "-in", private, "-pubout", "-out", public], check=True)
    return private, public


@pytest.fixture(scope="session")
def keys(tmp_path_factory):
    return make_keys(tmp_path_factory.mktemp("keys"), "own")


@pytest.fixture
def signed(folder, keys, tmp_path):
    dsml.publish(str(folder), to=str(tmp_path / "signed"), sign=keys[0])
    return tmp_path / "signed"


class Bomb:
    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_a_payload_whose_hash_was_rewritten_does_not_run(signed, keys):
    (signed / "model.skops").write_bytes(pickle.dumps(Bomb()))
    seal(signed)
    for call in (
        lambda: dsml.predict(str(signed), X, verify_key=keys[1]),
        lambda: dsml.check(str(signed), verify_key=keys[1]),
        lambda: dsml.serve(str(signed), verify_key=keys[1]),
        lambda: dsml.publish(str(signed), to="other", verify_key=keys[1]),
        lambda: dsml.predict(str(signed), X),
    ):
        with pytest.raises(PackageAltered, match="Expected the manifest that was signed, got another"):
            call()
    assert not Path("exploded").exists()


def test_a_signed_package_is_used_with_and_without_the_key(signed, folder, keys, tmp_path):
    expected = dsml.predict(str(folder), X).to_numpy()
    assert (dsml.predict(str(signed), X, verify_key=keys[1]).to_numpy() == expected).all()
    assert (dsml.predict(str(signed), X).to_numpy() == expected).all()
    dsml.publish(str(signed), to=str(tmp_path / "again"))
    open_package(str(tmp_path / "again"), verify_key=keys[1])


def test_a_package_of_another_key_or_without_a_signature_is_refused(signed, folder, keys, tmp_path):
    other, other_public = make_keys(tmp_path, "other")
    with pytest.raises(PackageAltered, match="signed by the given key, got another's"):
        open_package(str(signed), verify_key=other_public)
    sign(signed, (signed / MANIFEST).read_bytes(), read_private_key(other))
    open_package(str(signed), verify_key=other_public)
    with pytest.raises(PackageAltered, match="signed by the given key, got another's"):
        open_package(str(signed), verify_key=keys[1])
    with pytest.raises(PackageAltered, match="got one without a signature"):
        open_package(str(folder), verify_key=keys[1])


def test_every_altered_byte_of_a_signature_is_refused(signed):
    path = signed / SIGNATURE
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(ModelError):
            open_package(str(signed))
    for content in (
        b"",
        b"[]",
        b"{}",
        b"\xff",
        whole + b" ",
        b"x" * 5000,
        json.dumps({"public_key": 1}).encode(),
    ):
        path.write_bytes(content)
        with pytest.raises(PackageAltered, match="Expected a signature in"):
            open_package(str(signed))


def test_a_file_that_is_no_such_key_is_told(folder, keys, tmp_path):
    rsa = tmp_path / "rsa.pem"
    subprocess.run(["openssl", "genrsa", "-out", rsa, "1024"], check=True, capture_output=True)
    (tmp_path / "words").write_text("words")
    for key, what in (
        (keys[1], "no such key"),
        (tmp_path / "words", "no such key"),
        (tmp_path / "gone", "none: No such file"),
        (rsa, "a RSAPrivateKey"),
    ):
        with pytest.raises(UsageError, match=f"Expected a private Ed25519 key .*got {what}.*openssl genpkey"):
            dsml.publish(str(folder), to="never", sign=key)
    with pytest.raises(UsageError, match=r"Expected a public Ed25519 key .*got no such key.*openssl pkey"):
        open_package(str(folder), verify_key=keys[0])
    assert not Path("never").exists()
