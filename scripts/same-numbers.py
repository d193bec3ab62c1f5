#!/usr/bin/env python3
"""Says whether two folders of outputs hold the same numbers.

    scripts/same-numbers.py BEFORE AFTER [--but FILE ...]

BEFORE and AFTER are folders that `cargo xtask reproduce all --out` made with two revisions of the
program. Compared byte for byte: the data file, the table, the drawing's text and the claims of every
figure and table, and of every training the tables of metrics and weights of each phase. Of every
checkpoint: which tensors it has, their types, shapes and bytes, the seeds, and who diverged; what its
header says of the program may differ. `--but NAME` names files that may differ (`fig10/comparison.json`);
they are listed. Needs nothing but Python 3. Exits with 1 if anything else differs.
"""
import argparse
import json
import struct
import sys
from pathlib import Path

WHOLE = {".json", ".md", ".svg", ".parquet"}
# Says which program made the figure, and from which folder: not numbers.
NOT_NUMBERS = {"made.json"}


def tensors(path):
    """The tensors of a safetensors file and what its header says of the scientists."""
    data = path.read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    own = json.loads(header.pop("__metadata__", {}).get("mass", "{}"))
    body = data[8 + length :]
    found = {
        name: (one["dtype"], one["shape"], body[slice(*one["data_offsets"])])
        for name, one in header.items()
    }
    return found, {key: own.get(key) for key in ("completed", "seeds", "diverged", "updates")}


def files(folder):
    every = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return {
        path
        for path in every
        if (path.suffix in WHOLE and path.name not in NOT_NUMBERS) or path.suffix == ".safetensors"
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("before", type=Path)
    parser.add_argument("after", type=Path)
    parser.add_argument("--but", nargs="*", default=[], metavar="FILE")
    arguments = parser.parse_args()
    before, after = files(arguments.before), files(arguments.after)
    wrong, allowed, kinds = [], [], {}
    for path in sorted(before | after):
        if path not in after or path not in before:
            where = "AFTER" if path not in after else "BEFORE"
            problem = f"missing in {where}"
        else:
            one, other = arguments.before / path, arguments.after / path
            if path.suffix == ".safetensors":
                same = tensors(one) == tensors(other)
            else:
                same = one.read_bytes() == other.read_bytes()
            problem = None if same else "differs"
        if problem is None:
            kinds[path.suffix] = kinds.get(path.suffix, 0) + 1
        elif str(path) in arguments.but:
            allowed.append(f"{path}: {problem}, as it may")
        else:
            wrong.append(f"{path}: {problem}")
    for suffix, count in sorted(kinds.items()):
        print(f"{count} files {suffix}: the same")
    for line in allowed + wrong:
        print(line)
    if not kinds:
        print("nothing to compare: give two folders that `cargo xtask reproduce` made")
    sys.exit(1 if wrong or not kinds else 0)


if __name__ == "__main__":
    main()
