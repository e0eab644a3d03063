#!/usr/bin/env python3
"""check_examples.py BUILD: the example programs on a generated capture against models of them in Python, in both byte
orders; Debian's XDP objects on the same packets end without a trap. Prints a closing line; exit 1 on a difference."""
import collections
import glob
import json
import os
import struct
import subprocess
import sys

build = sys.argv[1]
lab = os.path.join(build, "bpflab")
here = os.path.dirname(os.path.abspath(__file__))
pcap = os.path.join(build, "examples", "check.pcap")
checks = failed = 0


def check(got, want, what):
    global checks, failed
    checks += 1
    if got != want:
        failed += 1
        print(f"not so: {what}\n    got  {got}\n    want {want}")


def run_once(path, *options):
    p = subprocess.run([lab, "run", path, "--json", *options], capture_output=True, text=True)
    return json.loads(p.stdout or "{}"), p.returncode


def run(path, *options):
    return run_once(path, "--pcap", pcap, *options)


def packets():
    data = open(pcap, "rb").read()
    at = 24
    while at < len(data):
        length = struct.unpack_from("<I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


def firewall(p):
    """The verdict's reason, as xdp_firewall.bpf.c states its policy."""
    proto, at = p[12:14], 14
    if proto == b"\x81\x00":
        if len(p) < 18:
            return 2
        proto, at = p[16:18], 18
    if proto != b"\x08\x00":
        return 1
    if len(p) < at + 20 or p[at] >> 4 != 4:
        return 2
    if p[at + 12:at + 15] == bytes([203, 0, 113]) and p[at + 15] != 7:
        return 3
    if p[at + 9] in (6, 17):
        ports = at + (p[at] & 15) * 4
        if len(p) < ports + 4:
            return 2
        if struct.unpack_from("!H", p, ports + 2)[0] in (23, 445):
            return 4
    return 0


def flows():
    """Packets and bytes of each flow, as flow_counter.bpf.c counts them."""
    count = collections.defaultdict(lambda: [0, 0])
    for p in packets():
        if len(p) < 34 or p[12:14] != b"\x08\x00":
            continue
        ports = (0, 0)
        if p[23] in (6, 17):
            at = 14 + (p[14] & 15) * 4
            if len(p) < at + 4:
                continue
            ports = struct.unpack_from("!HH", p, at)
        key = (p[26:30], p[30:34], *ports, p[23])
        count[key][0] += 1
        count[key][1] += len(p)
    return dict(count)


subprocess.run([sys.executable, os.path.join(here, "make_pcap.py"), pcap], check=True)
n_packets = sum(1 for _ in packets())
check(n_packets, 2000, "packets in the capture")
reasons = collections.Counter(firewall(p) for p in packets())
for order, mark in (("el", "<"), ("eb", ">")):
    path = os.path.join(build, "examples", "{}-" + order + ".o")
    out, status = run(path.format("xdp_firewall"), "--prog", "xdp_firewall", "--setup", "load_policy")
    check(status, 0, f"firewall {order}: exit status")
    passed = reasons[0] + reasons[1]
    check({r["name"]: r["n"] for r in out["results"]}, {"XDP_PASS": passed, "XDP_DROP": n_packets - passed}, f"firewall {order}")
    counts = {struct.unpack(mark + "I", bytes.fromhex(c["key"]))[0]: struct.unpack(mark + "Q", bytes.fromhex(c["after"]))[0]
              for m in out["maps"] if m["name"] == "verdicts" for c in m["changes"]}
    check(counts, dict(reasons), f"firewall {order}: counters")

    out, status = run(path.format("flow_counter"))
    got = {}
    for m in out["maps"]:
        for c in m["changes"]:
            key = bytes.fromhex(c["key"])
            sport, dport, proto = struct.unpack(mark + "HHI", key[8:16])
            got[(key[0:4], key[4:8], sport, dport, proto)] = list(struct.unpack(mark + "QQ", bytes.fromhex(c["after"])[:16]))
    want = flows()
    check(len(got) > 300, True, f"flows {order}: shown")
    check(all(want.get(k) == v for k, v in got.items()), True, f"flows {order}: counters")
    check(out["results"][0]["name"], "TC_ACT_OK", f"flows {order}")

    out, status = run(path.format("rate_limiter"))
    check(status, 0, f"rate limiter {order}: exit status")
    check(sum(r["n"] for r in out["results"]), n_packets, f"rate limiter {order}: packets")
    check({r["name"] for r in out["results"]}, {"XDP_PASS", "XDP_DROP"}, f"rate limiter {order}: both verdicts")

    # A thread that entered and returns: its entry is gone, one bucket has counted one. Without an entry, nothing.
    out, status = run_once(path.format("latency_histogram"), "--prog", "on_return", "--setup", "on_entry")
    maps = {m["name"]: m["changes"] for m in out["maps"]}
    check((status, [c["after"] for c in maps["started"]]), (0, [None]), f"latency {order}: the entry is gone")
    check([struct.unpack(mark + "Q", bytes.fromhex(c["after"]))[0] for c in maps["histogram"]], [1], f"latency {order}: one is counted")
    out, status = run_once(path.format("latency_histogram"), "--prog", "on_return")
    check((status, out["maps"]), (0, []), f"latency {order}: a return without an entry")

n_objects = 0
for path in sorted(glob.glob("/usr/lib/*-linux-gnu/bpf/*.o")):
    info = json.loads(subprocess.run([lab, "info", path, "--json"], capture_output=True, text=True).stdout)
    for prog in info["programs"]:
        if prog["type"] == "xdp":
            out, status = run(path, "--prog", prog["name"])
            check((status, out.get("traps")), (0, 0), f"{os.path.basename(path)} {prog['name']}")
            n_objects += 1
print(f"{n_objects} programs of Debian packages" if n_objects else "libxdp1 is not installed: its objects were not run")
print(f"{checks} checks, {failed} failed")
sys.exit(1 if failed or not checks else 0)
