"""One declaration per command: magic, Python, shell and pipeline forms are derived from it."""
