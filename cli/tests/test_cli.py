#!/usr/bin/env python3
"""test_cli.py BPFLAB [--all|--few]: drives the built command: every verb with every input form, JSON, exit statuses, suggestions,
help, completion, conformance, plugins that lie, captures, hostile files. --all: all programs of installed objects make the
round trip through text, not only an object's first ones. --few: where a process takes long to start, one of each, and every
eighth case is given to a plugin."""
import json
import os
import pty
import random
import re
import select
import shutil
import struct
import subprocess
import sys
import tempfile

BPFLAB = os.path.abspath(sys.argv[1])
ALL, FEW = "--all" in sys.argv[2:], "--few" in sys.argv[2:]
PROGRAMS = None if ALL else 1 if FEW else 4
ROOT = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
CLANG = shutil.which("clang-19")
checks = failed = 0


def check(ok, what, *seen):
    global checks, failed
    checks += 1
    if not ok:
        failed += 1
        print("not so:", what, *seen)
    return ok


def equal(got, want, what):
    return check(got == want, what, f"\n    got  {got!r}\n    want {want!r}")


class Result:
    def __init__(self, p):
        self.code, self.out, self.err = p.returncode, p.stdout.decode(errors="replace"), p.stderr.decode(errors="replace")


def bpflab(*args, stdin=b"", env=None):
    if isinstance(stdin, str):
        stdin = stdin.encode()
    e = dict(os.environ, COLUMNS="80", **(env or {}))
    return Result(subprocess.run([BPFLAB, *map(str, args)], input=stdin, capture_output=True, timeout=120, env=e))


def as_json(*args, stdin=b"", code=0, env=None):
    r = bpflab(*args, "--json", stdin=stdin, env=env)
    equal(r.code, code, f"status of {args}: {r.err}")
    try:
        value = json.loads(r.out)
    except ValueError:
        check(False, f"{args}: standard output is one JSON object", repr(r.out[:200]))
        return {}
    check(isinstance(value, dict) and r.out.count("\n") == 1, f"{args}: one object on one line")
    return value


TEXT = "mov %r0, 40\nadd %r0, 2\nexit\n"
BYTES = bytes.fromhex("b700000028000000" "0700000002000000" "9500000000000000")
VERBS = ["info", "asm", "disasm", "verify", "run", "jit", "prove", "fuzz", "replay", "minimize", "bugbench", "conformance", "plugin", "completion"]
XDP_SOURCE = """
struct xdp_md { unsigned data, data_end, data_meta, ingress_ifindex, rx_queue_index, egress_ifindex; };
struct { int (*type)[2]; unsigned *key; unsigned long long *value; int (*max_entries)[256]; } seen __attribute__((section(".maps"), used));
unsigned long total;
static void *(*lookup)(void *, const void *) = (void *)1;
static long (*say)(const char *, int, ...) = (void *)6;
__attribute__((section("xdp"), used)) int by_protocol(struct xdp_md *ctx) {
    unsigned char *p = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    if (p + 34 > end) return 0;
    unsigned key = p[23];
    unsigned long long *n = lookup(&seen, &key);
    if (n) ++*n;
    total++;
    if (key == 1) { char text[] = "icmp\\n"; say(text, sizeof text); }
    if (key == 6) p[0] = 0xee;
    return key == 17 ? 1 : 2;
}
__attribute__((section("xdp"), used)) int bad(struct xdp_md *ctx) {
    unsigned char *p = (void *)(long)ctx->data;
    return p[200];
}
char gpl[] __attribute__((section("license"), used)) = "GPL";
"""


def packet(protocol, n=60):
    return (bytes(12) + b"\x08\x00" + b"\x45" + bytes(8) + bytes([protocol]) + bytes(n))[:n]


def pcap(packets, link=1, magic=0xA1B2C3D4):
    out = struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 65535, link)
    for p in packets:
        out += struct.pack("<IIII", 1, 2, len(p), len(p)) + p
    return out


class Files:
    """One program in every form, and an object of two."""

    def __init__(self, directory):
        self.dir = directory
        # The names say nothing: content decides.
        self.asm = self.write("a", TEXT)
        self.kernel = self.write("b", "r0 = 40\nr0 += 2\nexit\n")
        self.bin = self.write("c", BYTES)
        self.hex = self.write("d", BYTES.hex(" ").upper() + "\n")
        self.case = self.write("e.data", "-- asm\n" + TEXT + "-- mem\naa bb\n-- result\n0x2a\n")
        self.forms = {"asm": self.asm, "kernel": self.kernel, "raw": self.bin, "hex": self.hex, "case": self.case}
        self.text_elf = self.xdp = None
        if CLANG:
            self.text_elf = self.compile("f", "int f(void *m, unsigned long n) { return 42; }")
            self.xdp = self.compile("g", XDP_SOURCE)
            self.forms["elf"] = self.text_elf
            self.forms["elf as hex"] = self.write("h", open(self.text_elf, "rb").read().hex("\n"))

    def write(self, name, content):
        path = os.path.join(self.dir, name)
        with open(path, "wb") as f:
            f.write(content.encode() if isinstance(content, str) else content)
        return path

    def compile(self, name, source):
        path = os.path.join(self.dir, name)
        text = self.write(name + ".c", source)
        subprocess.run([CLANG, "-O2", "-g", "-target", "bpf", "-c", text, "-o", path], check=True)
        return path


def test_forms(f):
    for form, path in f.forms.items():
        data = open(path, "rb").read()
        for where, stdin in ((path, b""), ("-", data)):
            who = f"{form} from {'a file' if stdin == b'' else 'standard input'}"
            info = as_json("info", where, stdin=stdin)
            equal(len(info.get("programs", [])), 1, f"info, {who}: programs")
            equal(set(info["programs"][0]) >= {"name", "section", "type", "n_insns"}, True, f"info keys, {who}")
            dis = as_json("disasm", where, stdin=stdin)
            n = dis["programs"][0]["n_insns"]
            equal(n, info["programs"][0]["n_insns"], f"disasm, {who}")
            assembled = as_json("asm", where, stdin=stdin)
            equal(assembled["n_insns"], n, f"asm, {who}")
            run = as_json("run", where, stdin=stdin)
            equal(int(run["r0"], 0), 42, f"run, {who}: r0")
            equal((run["engine"], run["trap"], run["insns"]), ("interp", None, n), f"run, {who}")
            check(run["time_ns"] > 0, f"run, {who}: time")
            r = bpflab("plugin", stdin=data)
            equal((r.code, r.out, r.err), (0, "2a\n", ""), f"plugin, {who}")
            r = bpflab("conformance", where, stdin=stdin)
            equal(r.code, 0 if form == "case" else 3, f"conformance, {who}")
            # Text output of each verb is not JSON, and not empty.
            for verb in ("info", "asm", "disasm", "run", "jit"):
                r = bpflab(verb, where, stdin=stdin)
                check(r.code == 0 and r.out and not r.out.startswith("{"), f"{verb} as text, {who}", r.err)


def test_round_trips(f):
    objects = [p for p in f.forms.values()] + [f.xdp]
    for folder in ("/usr/lib/x86_64-linux-gnu/bpf", "/usr/share/gocode/src/github.com/cilium/ebpf/testdata"):
        if os.path.isdir(folder):
            objects += [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.endswith((".o", ".elf"))]
    n = 0
    for path in filter(None, objects):
        r = bpflab("info", path, "--json")
        if r.code:
            continue
        info = json.loads(r.out)
        for p in info["programs"][:PROGRAMS]:
            style = ("ubpf", "kernel")[n % 2]
            which = ["--prog", p["name"]] if p["name"] else []
            text = bpflab("disasm", path, *which, "--style", style)
            endian = ["--big-endian"] if info["big_endian"] else []
            want = as_json("asm", path, *which)["bytes"]
            out = os.path.join(f.dir, "out.bin")
            r = bpflab("asm", "-", "-o", out, *endian, stdin=text.out)
            equal(r.code, 0, f"asm of disasm of {path} {p['name']} in style {style}: {r.err}")
            equal(open(out, "rb").read().hex(), want, f"{path} {p['name']} in style {style} comes back")
            n += 1
    check(n >= 10, f"round trips: {n}")
    rng = random.Random(7)
    for i in range(12 if FEW else 60):
        words = rng.randbytes(8 * rng.randrange(1, 40))
        text = bpflab("disasm", "-", "--style", rng.choice(["ubpf", "kernel"]), stdin=words.hex())
        back = bpflab("asm", "-", stdin=text.out)
        equal("".join(back.out.split()), words.hex(), "random words come back")


FUZZ_CASE = """# A case by hand.
-- case
title     a word of the input comes back
found-by  execution
expect    accept
type      sched_cls
-- asm
r1 = map_idx_value(0, 8) ll
r0 = *(u64 *)(r1 + 0)
call kfunc 300
exit
-- asm 1
r0 = 1
exit
-- kfuncs
300 bpf_rcu_read_lock
-- input
words 1 0x2a
packet 000102030405060708090a0b0c0d0e0f
-- input
words 1 2
"""


def test_fuzz_case(f):
    """A fuzz case in every verb that takes a program."""
    runs = FUZZ_CASE.replace("call kfunc 300\n", "")
    path = f.write("fuzzcase", runs)
    for where, stdin in ((path, b""), ("-", runs)):
        info = as_json("info", where, stdin=stdin)
        equal((info["form"], info["case"]), ("fuzz case", {"title": "a word of the input comes back", "found_by": "execution",
                                                           "fixed_in": None, "expect": "accept"}), "info of a fuzz case")
        equal([(p["name"], p["type"], p["n_insns"]) for p in info["programs"]], [("prog0", "sched_cls", 4), ("prog1", "sched_cls", 2)],
              "its own programs only")
        equal([m["name"] for m in info["maps"]], ["in"], "the maps that it can reach")
        equal([p["verdict"] for p in as_json("verify", where, stdin=stdin)["programs"]], ["accept", "accept"], "verify")
        run = as_json("run", where, stdin=stdin)
        equal((int(run["r0"], 0), run["program"]), (42, "prog0"), "run: program 0 on the first input")
        equal(int(as_json("run", where, "--prog", "prog1", stdin=stdin)["r0"], 0), 1, "run: another program")
        equal(as_json("asm", where, stdin=stdin)["n_insns"], 4, "asm: program 0")
        equal([p["n_insns"] for p in as_json("disasm", where, stdin=stdin)["programs"]], [4, 2], "disasm")
        equal([p["name"] for p in as_json("jit", where, "--arch", "arm64", stdin=stdin)["programs"]], ["prog0", "prog1"], "jit")
    check("title          a word" in bpflab("info", path).out, "info as text")
    packet = runs.replace("r1 = map_idx_value(0, 8) ll\nr0 = *(u64 *)(r1 + 0)\n", "r0 = *(u32 *)skb[4]\n").replace("r0 = ", "r6 = r1\nr0 = ", 1)
    path = f.write("fuzzpacket", packet)
    equal(int(as_json("run", path)["r0"], 0), 0x04050607, "run: the input's packet")
    equal(int(as_json("run", path, "--packet", "11" * 20)["r0"], 0), 0x11111111, "run: a packet of the user's")
    path = f.write("fuzzkfunc", FUZZ_CASE)
    equal(as_json("info", path)["programs"][0]["externs"], ["bpf_rcu_read_lock"], "a kernel function by its name")
    verdict = as_json("verify", path, code=1)["programs"][0]
    check(verdict["verdict"] == "reject" and "rcu" in json.dumps(verdict).lower(), "a section that is not left", verdict)
    r = bpflab("verify", f.write("fuzzbad", FUZZ_CASE.replace("300 bpf_rcu_read_lock", "300 bpf_no_such")))
    check(r.code == 2 and "line 16" in r.err and "bpf_no_such" in r.err, "what is wrong, and in which line", r.err)
    r = bpflab("conformance", f.write("fuzzcase.data", runs))
    check(r.code == 3 and "not a conformance case" in r.out, "no conformance case", r.out)
    equal(bpflab("replay", "--engines", "none", f.write("fuzzreplay", runs)).code, 0, "replay takes texts")


def test_usage(f):
    def refused(says, *args, code=2, stdin=b"", env=None):
        r = bpflab(*args, stdin=stdin, env=env)
        equal(r.code, code, f"status of {args}: {r.err}")
        check(says in r.err, f"{args} says {says!r}", repr(r.err))
        equal(r.out, "", f"{args}: nothing on standard output")
        error = as_json(*args, code=code, stdin=stdin, env=env).get("error", {})
        check(error.get("reason"), f"{args}: the error is JSON too")

    equal(bpflab().code, 2, "no verb")
    refused("did you mean run?", "rnu")
    refused("did you mean disasm?", "disams", f.asm)
    refused("did you mean conformance?", "conformence")
    refused("--help lists the verbs", "zzzzzz")
    refused("did you mean help?", "hepl")
    refused("did you mean --help?", "--hlep")
    refused("did you mean --version?", "--versoin")
    refused("unknown option -x", "-x")
    refused("is a file; say what to do with it", f.asm)
    refused("did you mean --packet?", "run", f.asm, "--paket", "00")
    refused("did you mean --style?", "disasm", f.asm, "--sytle", "kernel")
    refused("did you mean kernel?", "disasm", f.asm, "--style", "kernle")
    refused("did you mean --exclude?", "conformance", f.case, "--exlude", "base32")
    refused("did you mean atomic32?", "conformance", f.case, "--exclude", "atomc32")
    refused("did you mean xdp?", "run", f.asm, "--type", "xpd")
    refused("did you mean interp?", "run", f.asm, "--engine", "interpp")
    refused("did you mean bash?", "completion", "bsh")
    refused("needs FILE", "run")
    refused("too many", "run", f.asm, f.bin)
    refused("needs a value", "run", f.asm, "--mem")
    refused("not between", "run", f.asm, "--repeat", "0")
    for version in ("six", "6", "6.12.", " 6.12", "6.12.-1", "6.12.0.1", "256.1", "6.12x"):
        refused("not a version", "info", f.asm, "--kernel", version)
    for version in ("6.12", "6.12.0", "6.12.99999999999"):
        equal(bpflab("info", f.asm, "--kernel", version).code, 0, f"--kernel {version}")
    nowhere = {"BPFLAB_EXECUTOR_DIR": f.dir}
    refused("missing", "run", f.asm, "--engine", "jit:arm64", code=3, env=nowhere)
    refused("missing", "plugin", "--engine", "jit:arm64", code=3, stdin=BYTES.hex(), env=nowhere)
    refused("missing", "conformance", f.case, "--engine", "jit:arm64", code=3, env=nowhere)
    refused("did you mean", "run", f.asm, "--engine", "jitt")
    refused("there are", "run", f.asm, "--engine", "something-else")
    refused("No such file", "info", "/nonexistent")
    refused("Is a directory", "info", f.dir)
    refused("No such file", "conformance", "/nonexistent")
    refused("No such file", "run", f.asm, "--mem", "@/nonexistent")
    refused("--mem", "run", f.asm, "--mem", "0g")
    refused("exclude each other", "run", f.asm, "--packet", "00", "--pcap", "x")
    refused("exclude each other", "conformance", f.case, "--engine", "interp", "--plugin", "x")
    refused("no packet", "run", f.asm, "--pcap", "x")
    refused("cannot open for writing", "asm", f.asm, "-o", "/nonexistent/x")
    refused("line 2, column", "asm", "-", stdin="mov %r0, 1\nbogus %r0\nexit\n")
    refused("no whole number", "run", "-", stdin=b"\x95\x00\x00")
    refused("no instructions", "run", "-", stdin=b"")
    refused("read before", "run", "-", "--mem", "@-", stdin=TEXT)
    refused("read before", "run", "-", "--type", "xdp", "--pcap", "-", stdin=TEXT)
    equal(bpflab("asm", f.asm, "-o", "-").out, BYTES.decode(errors="replace"), "asm -o - writes bytes")
    equal(as_json("asm", f.asm, "-o", "-", code=2)["error"]["reason"], "asm: --json and -o - both write to standard output", "asm -o - --json")
    refused("pc 1", "run", "-", stdin="mov %r0, 0\nja +9\nexit\n")
    if f.xdp:
        refused("by_protocol, bad", "run", f.xdp)
        refused("did you mean by_protocol?", "run", f.xdp, "--prog", "by_protcol")
        refused("holds 2 programs", "run", f.xdp, "--prog", "xdp")
    # A device that cannot be written stays where it is: as root, /dev/full itself would be gone.
    device = os.path.join(f.dir, "device")
    os.symlink("/dev/full", device)
    refused("No space left", "asm", f.asm, "-o", device)
    check(os.path.islink(device), "a device is not removed")
    full = subprocess.run([BPFLAB, "--help"], stdout=open("/dev/full", "w"), stderr=subprocess.DEVNULL)
    equal(full.returncode, 4, "standard output is full")


def test_help():
    r = bpflab("--help")
    equal((r.code, r.err), (0, ""), "--help")
    equal(bpflab("help").out, r.out, "help")
    for verb in VERBS:
        check(f"    {verb} " in r.out, f"--help lists {verb}")
    check(re.fullmatch(r"bpflab \d+\.\d+\.\d+\n", bpflab("--version").out), "--version")
    equal("bpflab " + as_json("--version")["version"] + "\n", bpflab("--version").out, "--version as JSON")
    for words in (("--help",), ("help",), ("-h",)):
        equal([v["verb"] for v in as_json(*words)["verbs"]], VERBS, f"{words} as JSON")
    equal(as_json("help", "run"), as_json("run", "--help"), "help run as JSON")
    bash, zsh = bpflab("completion", "bash").out, bpflab("completion", "zsh").out
    for verb in VERBS:
        page = bpflab(verb, "--help")
        equal((page.code, page.err), (0, ""), f"{verb} --help")
        equal(bpflab("help", verb).out, page.out, f"help {verb}")
        for section in ("NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "JSON", "EXIT STATUS", "EXAMPLES"):
            check(f"\n{section}\n" in "\n" + page.out, f"{verb} --help has {section}")
        check(max(map(len, page.out.splitlines())) <= 100, f"{verb} --help fits a page")
        table = as_json(verb, "--help")["options"]
        names = [o["name"] for o in table]
        check({"json", "help"} <= set(names) and len(names) == len(set(names)), f"{verb}: options {names}")
        for o in table:
            metavar = f" {o['value']}" if o["value"] else ""
            check(f"--{o['name']}{metavar}\n" in page.out, f"{verb} --help documents --{o['name']}")
            check(o["help"].endswith("."), f"{verb} --{o['name']}: its help is a sentence")
            for shell, script in (("bash", bash), ("zsh", zsh)):
                check(f"--{o['name']}" in script, f"{shell} completion has --{o['name']}")
        for shell, script in (("bash", bash), ("zsh", zsh)):
            check(f"    {verb})\n" in script, f"{shell} completion has {verb}")
    equal(as_json("completion", "bash")["script"], bash, "completion as JSON")


def complete(script, *words):
    """What bash offers for the last word."""
    line = " ".join(f"'{w}'" for w in words)
    p = subprocess.run(["bash", "-c", f"{script}\nCOMP_WORDS=({line}); COMP_CWORD={len(words) - 1}; _bpflab; "
                                      'printf "%s\\n" "${COMPREPLY[@]}"'], capture_output=True, text=True)
    equal(p.stderr, "", "completion runs")
    return p.stdout.split()


class Typist:
    """An interactive shell with the completion script, at which keys are typed. bpflab is a function that shows its words."""

    def __init__(self, shell, f):
        self.shell, self.f = shell, f
        self.script = f.write("script." + shell, bpflab("completion", shell).out)

    def __enter__(self):
        self.main, sub = pty.openpty()
        options = ["--norc", "--noprofile"] if self.shell == "bash" else ["-f"]
        env = {"PATH": os.environ["PATH"], "HOME": self.f.dir, "TERM": "dumb", "PS1": "", "LANG": "C"}
        self.p = subprocess.Popen([self.shell, *options, "-i"], stdin=sub, stdout=sub, stderr=sub, cwd=self.f.dir, env=env,
                                  start_new_session=True)
        os.close(sub)
        setup = "bind 'set enable-bracketed-paste off'" if self.shell == "bash" else f"autoload -U compinit; compinit -D -u"
        self.send(f"{setup}; . '{self.script}'; bpflab() {{ echo \"<$*>\"; }}; echo REA''DY")
        self.read_to(rb"READY")
        return self

    def __exit__(self, *_):
        self.p.kill()
        self.p.wait()
        os.close(self.main)

    def send(self, keys):
        os.write(self.main, keys.encode() + b"\n")

    def read_to(self, pattern):
        seen = b""
        while not re.search(pattern, seen):
            if not select.select([self.main], [], [], 60)[0]:
                return None
            seen += os.read(self.main, 4096)
        return re.search(pattern, seen)

    def type(self, keys):
        self.send("bpflab " + keys)
        seen = self.read_to(rb"<([^>\r\n]*)>")
        return seen and seen[1].decode().rstrip()


def test_completion(f):
    script = bpflab("completion", "bash").out
    equal(sorted(complete(script, "bpflab", "")), sorted(VERBS + ["help", "--help", "--version"]), "verbs")
    equal(complete(script, "bpflab", "di"), ["disasm"], "a verb")
    equal(complete(script, "bpflab", "run", "--rep"), ["--repeat"], "an option")
    equal(complete(script, "bpflab", "disasm", "--style", "k"), ["kernel"], "a choice")
    check("xdp" in complete(script, "bpflab", "run", "--type", "x"), "a program type")
    equal(complete(script, "bpflab", "completion", "z"), ["zsh"], "a shell")
    equal(complete(script, "bpflab", "run", f.dir + "/e"), [f.dir + "/e.data"], "a file")
    equal(complete(script, "bpflab", "run", "--mem", "@" + f.dir + "/e"), ["@" + f.dir + "/e.data"], "@ and a file")
    equal(complete(script, "bpflab", "disasm", "--style", "=", "k"), ["kernel"], "a choice after =")
    check("ubpf" in complete(script, "bpflab", "disasm", "--style", "="), "all choices after =")
    equal(complete(script, "bpflab", "conformance", "--exclude", "base32,atomic6"), ["base32,atomic64"], "a list goes on")

    f.write("two words", "")
    os.makedirs(os.path.join(f.dir, "run"))  # a folder of a verb's name does not make the verb a folder
    typed = [("di\t", "disasm"), ("ru\t x", "run x"), ("disasm --sty\tk\t", "disasm --style kernel"),
             ("disasm --style=k\t", "disasm --style=kernel"), ("conformance --exclude base32,atomic6\t", "conformance --exclude base32,atomic64"),
             ("run two\t", "run two words"), ("run --mem @two\t", "run --mem @two words"),
             ("run --mem=@two\t", "run --mem=@two words"), ("asm -o two\t", "asm -o two words"),
             ("completion z\t", "completion zsh"), ("help comp\t", "help completion")]
    for shell in ("bash", "zsh"):
        if not shutil.which(shell):
            print(f"skipped: {shell} is not installed, so its completion was not typed")
            continue
        p = subprocess.run([shell, "-n"], input=bpflab("completion", shell).out.encode(), capture_output=True)
        equal((p.returncode, p.stderr), (0, b""), f"{shell} reads its script")
        with Typist(shell, f) as typist:
            for keys, want in typed:
                got = typist.type(keys)
                # zsh completes an option with its value to "--style=".
                equal(got and got.replace("--style=", "--style "), want.replace("--style=", "--style "), f"{shell}: {keys!r}")


def on_terminal(*args, **env):
    """Standard output of a run whose output is a terminal."""
    main, sub = pty.openpty()
    e = {k: v for k, v in os.environ.items() if k != "NO_COLOR"}
    p = subprocess.Popen([BPFLAB, *args], stdout=sub, stderr=subprocess.DEVNULL, env=dict(e, TERM="xterm", **env))
    os.close(sub)
    out = b""
    while True:
        try:
            part = os.read(main, 4096)
        except OSError:
            break
        if not part:
            break
        out += part
    os.close(main)
    p.wait()
    return out


def test_colour(f):
    check(b"\033[" in on_terminal("--help"), "colour on a terminal")
    check(b"\033[" not in on_terminal("--help", NO_COLOR="1"), "NO_COLOR")
    check(b"\033[" in on_terminal("--help", NO_COLOR=""), "an empty NO_COLOR says nothing")
    check(b"\033[" not in on_terminal("run", f.asm, "--json"), "no colour in JSON")
    check("\033[" not in bpflab("--help", env={"TERM": "xterm"}).out, "no colour into a pipe")


def test_run(f):
    run = as_json("run", "-", "--mem", "0x0102", stdin="r0 = *(u8 *)(r1 + 1)\n*(u8 *)(r1 + 0) = 9\nr0 += r2\nexit")
    equal((run["r0"], run["memory"]), ("0x4", {"changed": True, "before": "0102", "after": "0902"}), "memory")
    run = as_json("run", "-", "--mem", "@" + f.bin, stdin="r0 = *(u8 *)(r1 + 0)\nexit")
    equal(run["r0"], "0xb7", "memory from a file")
    run = as_json("run", "-", "--mem", "@" + f.hex, stdin="r0 = r2\nexit")
    equal(run["r0"], hex(len(BYTES)), "memory from a file of hex digits")
    equal(as_json("run", f.case)["memory"]["before"], "aabb", "a case brings its memory")
    run = as_json("run", "-", code=1, stdin="r1 = 0\nr0 = *(u64 *)(r1 + 8)\nexit")
    equal((run["r0"], run["trap"]["kind"], run["trap"]["pc"], run["insns"] >= 1), (None, "null", 1, True), "null")
    text = bpflab("run", "-", stdin="r1 = 0\nr0 = *(u64 *)(r1 + 8)\nexit").out
    check("null pointer" in text and "->     1: r0 = *(u64 *)(r1 + 8)" in text, "the trap's surroundings", text)
    run = as_json("run", "-", "--fuel", "10", code=3, stdin="a:\ngoto a\nexit")
    equal((run["trap"]["kind"], run["trap"]["pc"]), ("out_of_fuel", 0), "fuel")
    equal(as_json("run", f.asm, "--advance", "1k")["timers"], {"fired": 0, "trap": None}, "no timer")
    check("timers" not in as_json("run", f.asm), "timers only where time passes")
    before = bpflab("--json", "run", f.asm)
    equal((before.code, json.loads(before.out)["r0"]), (0, "0x2a"), "--json before the verb")
    run = as_json("run", "-", "--mem", "00", "--repeat", "5", stdin="r0 = *(u8 *)(r1 + 0)\nr0 += 1\n*(u8 *)(r1 + 0) = r0\nexit")
    equal((run["r0"], run["runs"], run["insns"], run["memory"]["after"]), ("0x5", 5, 4, "05"), "repeat")
    run = as_json("run", "-", "--mem", "03", "--repeat", "9", code=1,
                  stdin="r3 = *(u8 *)(r1 + 0)\nr3 += -1\n*(u8 *)(r1 + 0) = r3\nr0 = 0\nif r3 != 0 goto +1\nr0 = *(u8 *)(r0 + 0)\nexit")
    equal((run["runs"], run["trap"]["pc"]), (3, 5), "a later run traps")
    run = as_json("run", f.asm, "--trace", "--no-verify")
    equal([(s["pc"], s["regs"]) for s in run["trace"]], [(0, {"r0": "0x28"}), (1, {"r0": "0x2a"}), (2, {})], "trace")
    run = as_json("run", "-", "--trace", stdin="*(u32 *)(r10 - 4) = 5\nr0 = 0\nexit")
    equal(run["trace"][0]["written"], "05000000", "trace of a write")
    check(len(bpflab("run", f.asm, "--trace").out.splitlines()) >= 5, "trace as text")
    run = as_json("run", "-", "--trace", stdin="r1 = 60000\nr1 += -1\nif r1 != 0 goto -2\nr0 = 7\nexit")
    equal((len(run["trace"]), run["trace_left_out"], run["r0"]), (100000, run["insns"] - 100000, "0x7"), "a trace has an end")
    run = as_json("run", f.asm, "--type", "xdp")
    check(run["packet"]["after"] == "00" * 64, "a packet of 64 zero bytes", run["packet"])
    note = bpflab("run", f.asm, "--packet", "00")
    check(note.code == 0 and "no packet" in note.err, "a packet that nobody reads is said so")
    run = as_json("run", "-", "--type", "socket_filter", "--big-endian", "--packet", "11223344" * 16,
                  stdin="r6 = r1\nr0 = *(u16 *)skb[0]\nexit")
    equal(run["r0"], "0x1122", "packet load on a big-endian machine")


def test_packets(f):
    if not f.xdp:
        return
    prog = ("run", f.xdp, "--prog", "by_protocol")
    run = as_json(*prog, "--packet", packet(6).hex())
    equal((run["r0"], run["r0_name"], run["packet"]["changed"]), ("0x2", "XDP_PASS", True), "an XDP program")
    changes = {m["name"]: m["changes"] for m in run["maps"]}
    equal(changes.get("seen"), [{"key": "06000000", "cpu": 0, "before": "00" * 8, "after": "01" + "00" * 7}], "a map")
    run = as_json(*prog, "--packet", packet(6).hex(), "--map", "seen:06000000=05", "--map", "seen:06000000=ff01")
    changes = {m["name"]: m["changes"] for m in run["maps"]}
    equal(changes.get("seen"), [{"key": "06000000", "cpu": 0, "before": "ff01" + "00" * 6, "after": "0002" + "00" * 6}],
          "a map that holds something before")
    for bad, why in [("seen", "NAME:KEY=VALUE"), ("seen:06000000", "NAME:KEY=VALUE"), ("nix:06000000=05", "no such map"),
                     ("seen:06=05", "4 bytes, not 1"), ("seen:06000000=" + "00" * 9, "8 bytes, not 9"),
                     ("seen:00010000=05", "refuses"), ("seen:0600000z=05", "hex")]:
        r = bpflab(*prog, "--map", bad)
        check(r.code == 2 and why in r.err, f"--map {bad}", r.code, r.err)
    text = bpflab(*prog, "--packet", packet(1).hex()).out
    check("total = 1 (was 0)" in text, "a variable by its name", text)
    check("printed\n  icmp\n" in text, "what the program printed", text)
    trap = as_json("run", f.xdp, "--prog", "bad", code=1)["trap"]
    equal((trap["kind"], trap["program"], trap["source"]["text"]), ("out_of_bounds", "bad", "return p[200];"), "a trap's line")

    capture = f.write("capture", pcap([packet(17)] * 3 + [packet(6)] * 2 + [b"short"]))
    run = as_json(*prog, "--pcap", capture)
    equal({r["name"]: r["n"] for r in run["results"]}, {"XDP_DROP": 3, "XDP_PASS": 2, "XDP_ABORTED": 1}, "return values")
    equal((run["packets"], run["runs"], run["traps"]), (6, 6, 0), "packets")
    seen = [m for m in run["maps"] if m["name"] == "seen"][0]["changes"]
    equal([c["after"][:2] for c in seen], ["02", "03"], "maps persist")
    equal(as_json(*prog, "--pcap", capture, "--repeat", 4)["runs"], 24, "repeated packets")
    check("XDP_DROP         3" in bpflab(*prog, "--pcap", capture).out, "packets as text")
    run = as_json("run", f.xdp, "--prog", "bad", "--pcap", capture, code=1)
    equal((run["traps"], run["trap_packet"], run["trap"]["kind"]), (6, 1, "out_of_bounds"), "packets that trap")
    endless = f.write("endless", "r1 = *(u32 *)(r1 + 0)\nr0 = *(u8 *)(r1 + 23)\nif r0 != 17 goto +1\ngoto -1\nexit")
    run = as_json("run", endless, "--type", "xdp", "--fuel", "9", "--pcap", capture, code=1)
    equal((run["traps"], run["trap"]["kind"]), (4, "out_of_fuel"), "packets that run out of fuel, and one that is too short")
    only = f.write("udp", pcap([packet(17)] * 3))
    equal(as_json("run", endless, "--type", "xdp", "--fuel", "9", "--pcap", only, code=3)["traps"], 3, "only fuel was lacking")
    run = as_json(*prog, "--pcap", f.write("raw-ip", pcap([packet(17)[14:]], link=101)))
    equal(run["results"][0]["name"], "XDP_DROP", "a packet without a link layer")
    for name, content in (("empty", pcap([])), ("none", b""), ("short", pcap([packet(1)])[:-5]), ("text", b"hello"),
                          ("link", pcap([packet(1)], link=147)), ("long", pcap([]) + struct.pack("<IIII", 1, 2, 1 << 31, 1 << 31))):
        r = bpflab(*prog, "--pcap", f.write("bad-" + name, content))
        check(r.code == 2 and "bad-" + name in r.err, f"a bad capture: {name}", r.code, r.err)


def test_large_map(f):
    if not f.xdp:
        return
    large = f.compile("large", XDP_SOURCE.replace("unsigned long long *value; int (*max_entries)[256];", "char (*value)[4096]; int (*max_entries)[20000];"))
    run = as_json("run", large, "--prog", "by_protocol", "--packet", packet(6).hex())
    maps = {m["name"]: m["changes"] for m in run["maps"]}
    check(maps.get("seen", 0) is None and maps[".bss"], "a map that is too large to compare is named", maps)
    check("map seen is too large to be compared" in bpflab("run", large, "--prog", "by_protocol", "--packet", packet(6).hex()).out, "as text")


def test_info(f):
    if not f.xdp:
        return
    info = as_json("info", f.xdp)
    equal([(p["name"], p["section"], p["type"]) for p in info["programs"]], [("by_protocol", "xdp", "xdp"), ("bad", "xdp", "xdp")],
          "programs")
    equal(sorted(info["programs"][0]["helpers"]), ["map_lookup_elem", "trace_printk"], "helpers")
    seen = [m for m in info["maps"] if m["name"] == "seen"][0]
    equal((seen["type"], seen["key_size"], seen["value_size"], seen["max_entries"]), ("array", 4, 8, 256), "a map")
    equal((info["license"], info["big_endian"], info["needs"]), ("GPL", False, []), "the rest")
    check(info["btf"]["types"] > 5 and any(s["name"] == "xdp" for s in info["sections"]), "BTF and sections")
    lacking = f.compile("undefined", "extern int fwd(void); __attribute__((section(\"socket\"), used)) int f(void *c) { return fwd(); }")
    equal([n["what"] for n in as_json("info", lacking)["needs"]], ["undefined symbol fwd"], "a symbol that is defined nowhere")
    trap = as_json("run", lacking, code=1)["trap"]
    check("fwd is not in the object" in trap["cause"] and "helper" not in trap, "a trap names the symbol", trap)
    check("fwd is not in the object" in bpflab("run", lacking).out, "as text too")
    core = f.compile("core", """struct nowhere { int a, b; } __attribute__((preserve_access_index));
        __attribute__((section("socket"), used)) int f(struct nowhere *c) { return c->b; }""")
    needs = [n["what"] for n in as_json("info", core, "--btf", f.text_elf)["needs"]]
    check(len(needs) == 1 and "struct nowhere" in needs[0], "one need, not its helper number", needs)
    trap = as_json("run", core, "--btf", f.text_elf, code=1)["trap"]
    check("CO-RE" in trap["cause"] and trap["kind"] == "helper", "a trap names the relocation", trap)
    text = f.write("lacking", "call 4000\ncall 5\nexit")
    equal([n["what"] for n in as_json("info", text, "--type", "xdp")["needs"]], ["helper number 4000 (unknown)"], "what is lacking")


def test_debian(f):
    """Why programs of golang-github-cilium-ebpf-dev trap, and what makes them run (docs/loader.md)."""
    there = "/usr/share/gocode/src/github.com/cilium/ebpf/"
    if not os.path.isdir(there):
        print("skipped: golang-github-cilium-ebpf-dev is not installed")
        return
    for order in ("el", "eb"):
        relocs, read, target = (f"{there}btf/testdata/{n}-{order}.elf" for n in ("relocs", "relocs_read", "relocs_read_tgt"))
        rows = [(relocs, "fields", "CO-RE"), (read, "reads", "CO-RE"), (f"{there}testdata/fwd_decl-{order}.elf", "call_fwd", "fwd"),
                (f"{there}testdata/loader-{order}.elf", "asm_relocation", "MY_CONST"),
                (f"{there}testdata/loader-clang-7-{order}.elf", "socket/2", "MY_CONST")]
        for path, name, cause in rows:
            trap = as_json("run", path, "--prog", name, code=1)["trap"]
            check(cause in trap.get("cause", ""), f"{path} {name}: the trap names {cause}", trap)
            needs = [n["what"] for n in as_json("info", path)["needs"]]
            check(any(cause in n for n in needs) and not any("unknown" in n for n in needs), f"{path}: info names {cause}", needs)
        equal(as_json("run", relocs, "--prog", "fields", "--btf", relocs)["r0"], "0x0", f"{relocs} on its own types")
        # 96: the line of a check that holds on little-endian machines only.
        equal(as_json("run", read, "--btf", target)["r0"], "0x0" if order == "el" else "0x60", f"{read} on {target}")


def test_conformance(f):
    ours = os.path.join(ROOT, "corpus", "conformance")
    suites = [(ours, len(os.listdir(ours)))]
    theirs = os.path.join(ROOT, "..", "shared", "conformance")
    if os.path.isdir(theirs):
        suites.append((theirs, 225))
    else:
        print("skipped: the public suite's cases are not there")
    check(suites[0][1] >= 60, "enough cases of our own")
    for path, n in suites:
        for how in ([], ["--plugin", f"'{BPFLAB}' plugin"]):
            cases = [path]
            if how and FEW:
                cases = [os.path.join(path, name) for name in sorted(os.listdir(path)) if name.endswith(".data")][::8]
                n = len(cases)
            r = as_json("conformance", *cases, *how)
            equal((r["passed"], r["failed"], r["skipped"], r["undecided"], r["failures"]), (n, 0, 0, 0, []), f"{path} {how}")
            equal(r["engine"], "plugin" if how else "interp", "engine")
    counts = {}
    for cpu in ("v1", "v2", "v3", "v4"):
        r = as_json("conformance", ours, "--cpu", cpu)
        counts[cpu] = r["passed"]
        equal(r["passed"] + r["skipped"], suites[0][1], f"--cpu {cpu}")
    check(counts["v1"] < counts["v2"] < counts["v3"] < counts["v4"] < suites[0][1], "later cpus run more", counts)
    with_atomic = as_json("conformance", ours, "--include", "atomic64")["passed"]
    without = as_json("conformance", ours, "--exclude", "atomic64")["passed"]
    equal(with_atomic + without, suites[0][1], "--include and --exclude divide the cases")
    only32 = as_json("conformance", ours, "--include", "atomic32")["passed"]
    check(0 < only32 < with_atomic, "a group stands for those it implies")

    case = f.case
    plugins = {
        "lies": ("echo 2b", 1), "says nothing": ("true", 1), "fails": ("echo no >&2; exit 1", 1), "is killed": ("kill -9 $$", 1),
        "babbles": ("echo 2a 2a", 1), "tells the truth": ("cat > /dev/null; echo 0x2A", 0), "hangs": ("sleep 60", 3),
    }
    for name, (script, code) in plugins.items():
        path = f.write("plugin", "#!/bin/sh\n" + script + "\n")
        os.chmod(path, 0o755)
        r = as_json("conformance", case, "--plugin", path, "--timeout", 1, code=code)
        equal((r["passed"], r["failed"], r["undecided"]), (code == 0, code == 1, code == 3), f"a plugin that {name}")
        if code == 1:
            equal((r["failures"][0]["file"], r["failures"][0]["expected"]), (case, "0x2a"), f"the failure when it {name}")
            check(r["failures"][0]["got"], "what it got")
    equal(bpflab("conformance", case, "--plugin", "/nonexistent").code, 3, "a plugin that is missing")
    equal(bpflab("conformance", case, "--plugin", "'").code, 2, "a command that is no command")

    # What a plugin is given: memory first, then its options, even empty ones.
    path = f.write("plugin", "#!/usr/bin/env python3\nimport sys\nsys.exit(f'{sys.argv[1:]} {sys.stdin.read()!r}')\n")
    os.chmod(path, 0o755)
    r = as_json("conformance", case, "--plugin", path + " 'a b'", "--plugin-option", "", "--plugin-option=--x", code=1)
    equal(r["failures"][0]["got"], "error: ['a b', 'aa bb ', '', '--x'] " + repr(BYTES.hex(" ") + " \n"), "the protocol")

    directory = os.path.join(f.dir, "cases")
    os.makedirs(os.path.join(directory, "below"))
    body = "-- asm\nldxb %r0, [%r10+0]\nexit\n"
    for name, content, in (("pass.data", body + "-- error\naccess outside the memory the program may touch at pc 0\n"),
                           ("below/other-error.data", body + "-- error\nsomething else\n"),
                           ("below/no-error.data", body + "-- result\n0x0\n"),
                           ("below/error-expected.data", "-- asm\nmov %r0, 0\nexit\n-- error\nmessage\n"),
                           ("below/notes.txt", "not a case"), ("nothing.data", "-- asm\nexit\n"), ("empty.data", "")):
        with open(os.path.join(directory, name), "w") as out:
            out.write(content)
    r = as_json("conformance", directory, code=1)
    equal((r["passed"], r["failed"], r["skipped"]), (1, 3, 2), "errors have exact messages")
    equal(sorted(x["file"][len(directory) + 1:] for x in r["failures"]),
          ["below/error-expected.data", "below/no-error.data", "below/other-error.data"], "failures by file")
    r = as_json("conformance", f.write("bad.data", "-- asm\nbogus %r0\n-- result\n0\n"), case, code=2)
    equal((r["passed"], r["failed"]), (1, 1), "a case that cannot be read")
    endless = f.write("endless.data", "-- asm\na:\nja a\nexit\n-- result\n0x0\n")
    r = as_json("conformance", endless, "--fuel", 1000, code=3)
    equal((r["undecided"], r["undecided_cases"][0]["got"]), (1, "out of fuel at pc 0"), "fuel is no verdict")
    os.makedirs(os.path.join(f.dir, "hollow"))
    equal(bpflab("conformance", os.path.join(f.dir, "hollow")).code, 2, "a directory without cases")


def test_plugin(f):
    def plugin(*args, program, code=0):
        r = bpflab("plugin", *args, stdin=program)
        equal(r.code, code, f"plugin {args}: {r.err}")
        equal(bool(r.out), code == 0, "output only on success")
        return r.out.strip() if code == 0 else r.err.rstrip("\n")

    load = bytes.fromhex("7110010000000000" "9500000000000000")  # r0 = *(u8 *)(r1 + 1)
    equal(plugin("AA bB\tcC", program=load.hex(" ").upper()), "bb", "upper case and white space")
    equal(plugin("aabbcc", "", program="\n ".join(f"{b:02x}" for b in load) + "\n\n"), "bb", "an empty option, one byte a line")
    equal(plugin("", "", program=BYTES.hex()), "2a", "empty memory")
    equal(plugin("aa", program=load.hex(), code=1), "access outside the memory the program may touch at pc 0", "a trap")
    equal(plugin(program=load.hex(), code=1), "access through a null pointer at pc 0", "no memory")
    equal(plugin(program=BYTES[:16].hex(), code=1), "pc 1: the last instruction falls off the end", "a program that cannot run")
    equal(plugin(program="b7000000ffffffff9500000000000000"), "ffffffffffffffff", "64 bits")
    equal(plugin("--fuel", "5", program="05 00 ff ff 00 00 00 00 95 00 00 00 00 00 00 00", code=3), "out of fuel at pc 0", "fuel")
    for bad in ("b7", "zz", "", "b7 00 00 00 00 00 00"):
        plugin(program=bad, code=2)
    plugin("0g", program=BYTES.hex(), code=2)
    plugin("aa", "bb", program=BYTES.hex(), code=2)
    equal(as_json("plugin", stdin=BYTES.hex()), {"engine": "interp", "r0": "0x2a"}, "plugin as JSON")
    if CLANG:
        elf = open(f.compile("memory", "int f(unsigned char *m, unsigned long n) { return m[n - 1]; }"), "rb").read()
        equal(plugin("01 02 03", "--elf", program=elf.hex(" ")), "3", "an ELF object in hex")
        equal(plugin("01 02 03", program=elf), "3", "an ELF object as it is")


def test_hostile(f):
    rng = random.Random(11)
    seeds = [open(p, "rb").read() for p in (f.text_elf, f.xdp, f.case, f.bin) if p]
    n = 0
    for i in range(240):
        data = bytearray(rng.choice(seeds))
        how = i % 4
        if how == 0:
            data = data[:rng.randrange(len(data))]
        for _ in range(rng.randrange(1, 8) if how else 0):
            data[rng.randrange(min(len(data), 64 if how == 1 else len(data)))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        if how == 3:
            data = data[:rng.randrange(len(data))] + rng.randbytes(rng.randrange(64))
        path = f.write("hostile", bytes(data))
        verb = ("info", "disasm", "run", "asm", "jit")[rng.randrange(5)]
        r = bpflab(verb, path, "--json", *(["--fuel", "1000"] if verb == "run" else []))
        n += r.code == 2
        check(r.code in (0, 1, 2, 3), f"{verb} of a damaged file: status {r.code}", r.err[-400:], bytes(data).hex() if len(data) < 200 else "")
        check(json.loads(r.out) is not None, "JSON all the same")
        if r.code == 2:
            check(r.err.startswith("bpflab: ") and len(r.err) > 20, "it says why", r.err)
    check(n > 20, f"damaged files that were refused: {n}")
    # Control characters of an input must not reach the terminal.
    r = bpflab("info", f.write("na\x1bme", "bogus"))
    check("\x1b" not in r.err, "a name with an escape sequence", repr(r.err))
    # So must not those of ISO 6429's second set, which UTF-8 writes in two bytes, nor stray bytes.
    for name in ("na\u009bme", b"na\x9bme"):
        p = subprocess.run([BPFLAB, "info", name, "--json"], capture_output=True)
        check(b"\x9b" not in p.stderr + p.stdout, f"a name with {name!r}", p.stderr, p.stdout)
    check("é" in bpflab("info", "é").err, "other letters stay")


def main():
    with tempfile.TemporaryDirectory() as directory:
        f = Files(directory)
        if not CLANG:
            print("skipped: clang-19 is missing, so no ELF objects are made")
        for test in (test_forms, test_round_trips, test_fuzz_case, test_usage, test_completion, test_colour, test_run, test_packets, test_large_map, test_info,
                     test_debian, test_conformance, test_plugin, test_hostile):
            test(f)
        test_help()
    print(f"{checks} checks, {failed} failed")
    return failed > 0 or checks == 0


sys.exit(main())
