"""A process that says what its garbage collector looks through."""

import gc


def main():
    print(gc.isenabled(), gc.get_freeze_count(), len(gc.get_objects()))
