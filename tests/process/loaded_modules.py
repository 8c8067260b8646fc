"""A process that names the modules it begins with."""

import sys


def main():
    print(*sys.modules)
