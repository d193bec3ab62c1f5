"""Lines of Rust without tests: `python scripts/count-lines.py xtask/src [-v]`.

An item under `#[cfg(test)]` is a test, a module or a function; everything else counts, comments and empty
lines too. `-v` says how many each file has.
"""

import pathlib
import re
import sys


def without_tests(lines):
    """How many of these lines are not of an item under `#[cfg(test)]`."""
    count = place = 0
    while place < len(lines):
        if not re.match(r"\s*#\[cfg\(test\)\]", lines[place]):
            count, place = count + 1, place + 1
            continue
        depth, begun, place = 0, False, place + 1
        while place < len(lines):
            line = lines[place]
            depth += line.count("{") - line.count("}")
            begun = begun or "{" in line
            place += 1
            if (begun and depth <= 0) or (not begun and line.rstrip().endswith((";", ","))):
                break
    return count


files = sorted(pathlib.Path(sys.argv[1]).rglob("*.rs"))
counts = {file: without_tests(file.read_text().splitlines()) for file in files}
if "-v" in sys.argv:
    for file, count in sorted(counts.items(), key=lambda one: -one[1]):
        print(count, file)
print(sum(counts.values()))
