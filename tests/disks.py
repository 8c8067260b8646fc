"""Disks that are full or read-only: small file systems where the tests may mount them, else the limits of the process."""

import contextlib
import os
import resource
import signal
import subprocess


def mounted(folder, *options):
    """Whether a small file system could be mounted on a folder."""
    command = ["mount", "-t", "tmpfs", "-o", ",".join(("size=64k", *options)), "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextlib.contextmanager
def full_disk(folder):
    """Let at most 64 KiB be written to a folder."""
    folder.mkdir()
    if mounted(folder):
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    before, handler = resource.getrlimit(resource.RLIMIT_FSIZE), signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (64 << 10, before[1]))
    try:
        yield folder
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, handler)


@contextlib.contextmanager
def read_only_disk(folder):
    """Let nothing be written to a folder."""
    folder.mkdir()
    if mounted(folder, "ro"):
        try:
            yield folder
        finally:
            subprocess.run(["umount", "-l", str(folder)], check=True)
        return
    assert os.geteuid(), "the superuser writes anywhere, and may not mount"
    folder.chmod(0o500)
    yield folder
    folder.chmod(0o700)
