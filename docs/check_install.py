#!/usr/bin/env python3
"""check_install.py BUILD: what "cmake --install" puts into a prefix: the command runs, its manual page and completions tell
what it has, the manual is whole. Prints a closing line; exit 1 on a difference."""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

build = os.path.abspath(sys.argv[1])
root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
checks = failed = 0


def check(ok, what, *seen):
    global checks, failed
    checks += 1
    if not ok:
        failed += 1
        print("not so:", what, *seen)


def text(*words):
    p = subprocess.run(words, capture_output=True, text=True)
    check(p.returncode == 0, f"{words} ends well", p.stderr)
    return p.stdout


def manual(prefix, lab):
    path = os.path.join(prefix, "share/man/man1/bpflab.1")
    page = open(path, encoding="utf-8").read()
    plain = re.sub(r"\\f[BIR]", "", page)
    for escape, char in (("\\-", "-"), ("\\(aq", "'"), ("\\(ha", "^"), ("\\(ti", "~")):
        plain = plain.replace(escape, char)
    verbs = [v["verb"] for v in json.loads(text(lab, "--help", "--json"))["verbs"]]
    check(len(verbs) >= 7, "verbs", verbs)
    for verb in verbs:
        check(f"\n.SS bpflab {verb}" in plain, f"the manual page has {verb}")
        section = plain.split(f"\n.SS bpflab {verb}")[1].split("\n.SS ")[0] if f"\n.SS bpflab {verb}" in plain else ""
        for option in json.loads(text(lab, verb, "--help", "--json"))["options"]:
            where = plain if option["name"] in ("json", "help") else section
            check(f"--{option['name']}" in where and option["help"].split("\n")[0] in where, f"{verb} --{option['name']} is in the page")
    if shutil.which("groff"):
        p = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", path], capture_output=True, text=True)
        check((p.returncode, p.stderr) == (0, ""), "groff reads the page without a warning", p.stderr)
    else:
        print("skipped: groff is not installed, so the manual page was not set")


def main():
    with tempfile.TemporaryDirectory() as prefix:
        text("cmake", "--install", build, "--prefix", prefix)
        lab = os.path.join(prefix, "bin/bpflab")
        check(re.fullmatch(r"bpflab \d+\.\d+\.\d+\n", text(lab, "--version")), "the installed command runs")
        manual(prefix, lab)
        for shell, place in (("bash", "share/bash-completion/completions/bpflab"), ("zsh", "share/zsh/site-functions/_bpflab")):
            check(open(os.path.join(prefix, place)).read() == text(lab, "completion", shell), f"{shell} completion is the command's")
        doc = os.path.join(prefix, "share/doc/bpflab")
        for page in ("README.md", "CHANGELOG.md", "LICENSE"):
            check(os.path.isfile(os.path.join(doc, page)), f"{page} is installed")
        for where, _, files in os.walk(os.path.join(root, "docs")):
            for name in files:
                if name.endswith(".md"):
                    page = os.path.relpath(os.path.join(where, name), root)
                    check(os.path.isfile(os.path.join(doc, page)), f"{page} is installed")
    print(f"{checks} checks, {failed} failed")
    return failed > 0 or checks == 0


sys.exit(main())
