"""Every file of a folder is in its manifest, and nothing else is taken: here without a model."""

import hashlib
import json
import os
import socket
from contextlib import chdir

import pytest

from dsml_magics.errors import PackageAltered, PackageTooNew
from dsml_magics.package.manifest import MANIFEST, check, seal
from dsml_magics.version import __version__

FILES = {"MLmodel": b"flavors", "model.pkl": b"\x80\x04", "code/a/b.py": b"x = 1\n", "dsml/proof.json": b"{}"}


@pytest.fixture
def package(tmp_path):
    """A sealed folder of a few files."""
    folder = tmp_path / "a package"
    for name, content in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    seal(folder)
    return folder


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def refused(folder, match, **known):
    with pytest.raises(PackageAltered, match=match):
        check(folder, **known)


def edit(folder, **changes):
    fields = json.loads((folder / MANIFEST).read_bytes()) | changes
    (folder / MANIFEST).write_bytes(json.dumps(fields, indent=2).encode() + b"\n")


def test_a_manifest_lists_the_digest_of_each_file(package):
    written = (package / MANIFEST).read_bytes()
    fields = json.loads(written)
    assert list(fields) == ["schema", "format", "made_by", "files", "seal"]
    assert (fields["schema"], fields["format"]) == ("dsml.manifest/1", 2)
    assert fields["made_by"] == __version__
    assert list(fields["files"].items()) == sorted((name, sha256(text)) for name, text in FILES.items())
    assert written.decode().endswith('"\n}\n')
    assert '\n  "files": {\n    "MLmodel": "' in written.decode()
    # A reader may check the seal by itself: it is the digest of the manifest without it.
    own = {key: value for key, value in fields.items() if key != "seal"}
    assert fields["seal"] == sha256(json.dumps(own, indent=2).encode() + b"\n")


def test_a_folder_is_taken_as_it_was_sealed(package):
    digest = seal(package)
    manifest = check(package, sealed_as=digest)
    assert manifest.sha256 == digest == sha256((package / MANIFEST).read_bytes())
    assert (manifest.format, list(manifest.fields["files"])) == (2, sorted(FILES))
    assert check(package, sealed_as="").sha256 == digest


def test_another_manifest_than_the_ledger_knows_is_refused(package):
    refused(
        package, "Expected the manifest the ledger knows, got another in '.*a package'", sealed_as="0" * 64
    )


@pytest.mark.parametrize("name", [*FILES, "dsml/new.txt", "A"])
def test_the_first_file_that_differs_is_named(package, name):
    (package / name).write_bytes(b"other")
    what = "was changed" if name in FILES else "was added"
    refused(package, f"Expected the package as it was proved, but '{name}' {what}. Deploy it again.")
    (package / name).unlink()
    if name in FILES:
        refused(package, f"'{name}' is gone")
    (package / "zzz").write_bytes(b"")
    refused(package, f"'{name}' is gone" if name in FILES else "'zzz' was added")


@pytest.mark.parametrize("name", ["empty", "code/a/empty", "dsml/empty"])
def test_an_empty_folder_was_added(package, name):
    (package / name).mkdir()
    refused(package, f"'{name}' was added")


def test_empty_folders_are_not_sealed(package):
    (package / "assets/deep/deeper").mkdir(parents=True)
    (package / "code/empty").mkdir()
    seal(package)
    assert sorted(path.name for path in package.iterdir()) == ["MLmodel", "code", "dsml", "model.pkl"]
    assert sorted(path.name for path in (package / "code").iterdir()) == ["a"]
    assert check(package)


@pytest.mark.parametrize("name", ["dsml/signature.json", "registered_model_meta"])
def test_what_is_written_after_the_seal_is_not_in_the_manifest(package, name):
    (package / name).write_bytes(b"")
    assert check(package)
    seal(package)
    assert name not in check(package).fields["files"]


def test_the_file_of_mlflow_is_compared_with_the_ledger(package):
    (package / "registered_model_meta").write_text("model_name: income\nmodel_version: 3\n")
    assert check(package, registered=("income", 3))
    refused(package, "Delete this file", registered=("income", 4))
    refused(package, "Delete this file", registered=("other", 3))


def make_link(path):
    path.symlink_to(path.parent)


def make_socket(path):
    # The path of a socket may have 107 bytes.
    with socket.socket(socket.AF_UNIX) as server, chdir(path.parent):
        server.bind(path.name)


@pytest.mark.parametrize("name", ["x", "code/a/x", "dsml/x"])
@pytest.mark.parametrize(
    ("make", "kind"), [(make_link, "a link"), (os.mkfifo, "a named pipe"), (make_socket, "a socket")]
)
def test_what_is_neither_file_nor_folder_is_refused(package, make, kind, name):
    make(package / name)
    expected = f"Expected only files and folders in a package, but '{name}' is {kind}. Deploy it again."
    refused(package, expected)
    with pytest.raises(PackageAltered, match=expected):
        seal(package)


def test_a_link_to_an_empty_folder_is_neither_followed_nor_removed(package, tmp_path):
    (tmp_path / "empty").mkdir()
    (package / "x").symlink_to(tmp_path / "empty")
    with pytest.raises(PackageAltered, match="'x' is a link"):
        seal(package)
    assert (tmp_path / "empty").is_dir()


@pytest.mark.parametrize(
    "content",
    [None, b"", b"{", b"[]", b"3", b"{}", b'{"files": []}', b"\xff", b"[" * 200_000],
    ids=["none", "empty", "cut", "list", "number", "object", "no files", "bytes", "deep"],
)
def test_a_folder_without_a_manifest_is_no_package(package, content):
    (package / MANIFEST).unlink()
    if content is not None:
        (package / MANIFEST).write_bytes(content)
    refused(
        package,
        "Expected a package with dsml/manifest.json, got none in '.*a package'. Was it made by `dsml deploy`?",
    )


@pytest.mark.parametrize("change", [{"made_by": "0"}, {"more": 1}, {"seal": "0" * 64}, {"schema": None}])
def test_a_manifest_that_was_edited_is_refused(package, change):
    edit(package, **change)
    refused(package, "Expected the manifest as it was sealed, got another in '.*a package'. Deploy it again")


def test_digests_of_a_manifest_are_not_believed_without_its_seal(package):
    (package / "model.pkl").write_bytes(b"other")
    files = json.loads((package / MANIFEST).read_bytes())["files"]
    edit(package, files=files | {"model.pkl": sha256(b"other")})
    refused(package, "Expected the manifest as it was sealed")


def test_the_first_format_had_no_seal(package):
    files = check(package).fields["files"]
    (package / MANIFEST).write_text(json.dumps({"schema": "dsml.manifest/1", "files": files}))
    assert check(package).format == 1
    (package / "model.pkl").write_bytes(b"other")
    refused(package, "'model.pkl' was changed")


def test_a_later_format_is_told_before_its_seal_is_looked_at(package):
    edit(package, format=99, made_by="7.1.0")
    with pytest.raises(PackageTooNew, match=r"dsml-magics>=7\.1\.0"):
        check(package)
