#!/usr/bin/env python3
"""lab_check.py: what ./lab says on a machine without its packages, played with stand-ins for dpkg, apt, id and sudo: one message
that names every missing package where there is no privilege, no sudo or no network; each kind of package only where it is needed."""
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LINES = [line.split() for line in open(os.path.join(ROOT, "packages.txt")) if line.strip() and not line.startswith("#")]
checks = failed = 0


def check(ok, what, *seen):
    global checks, failed
    checks += 1
    if not ok:
        failed += 1
        print("not so:", what, *seen)


def names(*kinds):
    return {words[-1] for words in LINES if (words[0] if len(words) == 2 else "") in kinds}


def run(verb, uid, sudo=None, apt="exit 100"):
    """./lab VERB in a scratch copy whose PATH has the stand-ins and little else. Returns its status, what it said, what apt was asked."""
    with tempfile.TemporaryDirectory() as there:
        for name in ("lab", "packages.txt"):
            shutil.copy(os.path.join(ROOT, name), there)
        tools = os.path.join(there, "bin")
        os.mkdir(tools)
        for name in ("bash", "dirname", "env", "grep", "mkdir", "tr"):
            os.symlink(shutil.which(name), os.path.join(tools, name))
        asked = os.path.join(there, "asked")
        stand_ins = {"dpkg-query": "exit 1", "id": f"echo {uid}", "apt-get": f'echo "$@" >> {asked}; [ "$1" = update ] || {apt}', "sudo": sudo,
                     "cmake": "exit 1", "cat": "exit 0"}
        for name, script in stand_ins.items():
            if script:
                with open(os.path.join(tools, name), "w") as f:
                    f.write(f"#!{shutil.which('bash')}\n{script}\n")
                os.chmod(f.name, 0o755)
        p = subprocess.run([os.path.join(there, "lab"), verb], env={"PATH": tools}, stdin=subprocess.DEVNULL, capture_output=True, text=True)
        install = [line.split() for line in open(asked)] if os.path.exists(asked) else []
        return p.returncode, p.stderr.splitlines(), install


def main():
    kinds = {"build": {""}, "demo": {""}, "test": {"", "test", "cross"}, "cross": {"", "cross"}, "fuzz": {"", "fuzz"}}
    pass_on = '[ "$1" = -n ] && shift; [ "$1" = -v ] || "$@"'
    for verb, wanted in kinds.items():
        want = names(*wanted)
        for who, uid, sudo in (("no sudo", 1000, None), ("a sudo that refuses", 1000, "exit 1")):
            status, said, asked = run(verb, uid, sudo)
            check(status == 1 and len(said) == 1 and not asked, f"{verb}, {who}: one message", said, asked)
            check(want <= set(said[0].split()) if said else False, f"{verb}, {who}: it names the packages", said)
        for who, uid, sudo in (("root", 0, None), ("sudo", 1000, pass_on)):
            status, said, asked = run(verb, uid, sudo)
            check(status == 1 and want <= set(said[-1].split()) and "could not be installed" in said[-1], f"{verb}, {who}, no network", said)
            status, said, asked = run(verb, uid, sudo, apt="exit 0")
            installed = {word for words in asked if "install" in words for word in words if not word.startswith("-") and word != "install"}
            check(installed == want, f"{verb}, {who}: what apt is asked for", sorted(installed ^ want))
            check("could not be installed" not in " ".join(said), f"{verb}, {who}: installed", said)
    check(names("") and names("test") and len(LINES) == len({tuple(words) for words in LINES}), "the list has no line twice")
    print(f"{checks} checks, {failed} failed")
    return failed > 0 or checks == 0


sys.exit(main())
