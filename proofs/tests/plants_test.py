"""plants_test.py BPFLAB: every theorem and every lemma has a planted defect.

A theorem without one may be about nothing. Of back ends' instructions those of a kind share their validator, so some of each
kind are planted; here it is asked that every target has some.
"""
import subprocess
import sys


def names(bpflab, *options):
    out = subprocess.run([bpflab, "prove", "--list", "--nightly", *options], capture_output=True, text=True, check=True).stdout
    return {line.split()[0].split("@")[0] for line in out.splitlines() if line.strip()}


def main():
    units = names(sys.argv[1])
    planted = {n.removeprefix("plant/") for n in names(sys.argv[1], "--plants") if n.startswith("plant/")}
    owners = planted | {n.rpartition("/")[0] for n in planted}
    theorems = {n for n in units if not n.startswith(("backend/", "plant/"))}
    targets = {n.rpartition("/")[0] for n in units if n.startswith("backend/")}
    bare = sorted(theorems - owners) + sorted(targets - owners)
    for n in bare:
        print(f"{n} has no planted defect")
    print(f"{len(theorems)} theorems and lemmas, {len(targets)} targets, {len(planted)} planted defects")
    return 1 if bare or len(theorems) < 500 or len(targets) < 5 else 0


if __name__ == "__main__":
    sys.exit(main())
