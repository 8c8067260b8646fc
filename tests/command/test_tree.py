"""Source is read in many threads at once."""

import ast
import threading

from dsml_magics.command.tree import tree_of

SOURCE = "\n".join(
    f"def f{n}(a, b={n}):\n    return [a + b * (c - {n}) for c in range({n})]" for n in range(150)
)


def test_threads_read_source_together():
    expected, found, failures = ast.dump(ast.parse(SOURCE)), [], []

    def read():
        try:
            found.extend(ast.dump(tree_of(SOURCE)) == expected for _ in range(20))
        except SystemError as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (failures, len(found), all(found)) == ([], 160, True)
