#!/usr/bin/env python3
"""make_pcap.py OUT [N]: a capture of N (default 2000) Ethernet packets: TCP, UDP and ICMP over IPv4, plain and with VLAN
tags, IPv6, ARP, and truncated ones. The same bytes every time."""
import random
import struct
import sys


def checksum(data):
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def ipv4(rng, payload, protocol, source, dest):
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), rng.randrange(65536), 0x4000, 64, protocol, 0, source, dest)
    return head[:10] + struct.pack("!H", checksum(head)) + head[12:] + payload


def packet(rng):
    macs = bytes.fromhex("020000000001020000000002")
    source = rng.choice([bytes([10, 0, 0, rng.randrange(1, 20)]), bytes([203, 0, 113, rng.randrange(1, 16)]), bytes([198, 51, 100, 9])])
    dest = bytes([192, 0, 2, rng.randrange(1, 5)])
    body = bytes(rng.randrange(256) for _ in range(rng.choice([0, 6, 18, 64, 200, 900])))
    port = rng.choice([22, 23, 53, 80, 443, 445, 8080])
    kind = rng.random()
    if kind < 0.55:
        tcp = struct.pack("!HHIIBBHHH", rng.randrange(1024, 65536), port, rng.randrange(1 << 32), 0, 0x50, 0x18, 65535, 0, 0)
        data, proto = ipv4(rng, tcp + body, 6, source, dest), 0x0800
    elif kind < 0.8:
        data, proto = ipv4(rng, struct.pack("!HHHH", rng.randrange(1024, 65536), port, 8 + len(body), 0) + body, 17, source, dest), 0x0800
    elif kind < 0.87:
        data, proto = ipv4(rng, struct.pack("!BBHHH", 8, 0, 0, 7, 1) + body, 1, source, dest), 0x0800
    elif kind < 0.94:
        data, proto = struct.pack("!IHBB", 0x60000000, len(body), 17, 64) + bytes(15) + b"\1" + bytes(15) + b"\2" + body, 0x86DD
    else:
        data, proto = struct.pack("!HHBBH", 1, 0x0800, 6, 4, 1) + macs[6:] + source + bytes(6) + dest, 0x0806
    tag = struct.pack("!HH", 0x8100, rng.randrange(1, 4095)) if rng.random() < 0.1 else b""
    frame = macs + tag + struct.pack("!H", proto) + data
    return frame[: rng.randrange(14, len(frame))] if rng.random() < 0.02 else frame


def main():
    rng = random.Random(20)
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
    with open(sys.argv[1], "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for i in range(n):
            frame = packet(rng)
            out.write(struct.pack("<IIII", 1700000000 + i // 1000, i % 1000 * 1000, len(frame), len(frame)) + frame)


main()
