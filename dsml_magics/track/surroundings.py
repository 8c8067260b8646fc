"""What was around a run: the commit of the folder, and the digest of its source."""

import hashlib
import subprocess


def git_tags() -> dict[str, str]:
    """Return the commit checked out here and whether files differ from it; nothing outside a repository."""
    commit = _git("rev-parse", "HEAD")
    if commit is None:
        return {}
    return {"dsml.git_commit": commit, "dsml.git_dirty": str(bool(_git("status", "--porcelain"))).lower()}


def _git(*words: str) -> str | None:
    try:
        done = subprocess.run(["git", *words], capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout.strip() if done.returncode == 0 else None


def digest_of_text(text: str) -> str:
    """Return the SHA-256 of a text, its trailing blank space aside."""
    return hashlib.sha256(text.rstrip().encode()).hexdigest()
