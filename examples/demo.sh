#!/usr/bin/env bash
# demo.sh BUILD: the main job on real input, a step at a time.
set -euo pipefail
build=$(cd "$1" && pwd)
cd "$(dirname "$0")/.."
lab=$build/bpflab
pcap=$build/examples/demo.pcap

show() {
    local word
    printf '\n$ bpflab'
    for word in "${@/#$build/build/release}"; do
        case $word in *' '*) printf " '%s'" "$word" ;; *) printf ' %s' "$word" ;; esac
    done
    printf '\n'
    "$lab" "$@"
}
say() { printf '\n--- %s\n' "$*"; }

python3 examples/make_pcap.py "$pcap"
say "An XDP firewall, compiled by clang: what the object holds."
show info "$build/examples/xdp_firewall-el.o" | sed '/^sections/,$d'
say "Is it safe to run? And what the verifier knew on the way."
show verify "$build/examples/xdp_firewall-el.o"
show verify "$build/examples/xdp_firewall-el.o" --prog xdp_firewall --annotate | head -n 16 || true
say "It meets 2,000 packets, after a second program has filled its policy maps."
show run "$build/examples/xdp_firewall-el.o" --prog xdp_firewall --setup load_policy --pcap "$pcap"
say "The same program for a big-endian machine, in a big-endian world on this host: the same verdicts."
show run "$build/examples/xdp_firewall-eb.o" --prog xdp_firewall --setup load_policy --pcap "$pcap"
say "As machine code: what the verifier proved shapes it. The same verdicts, sooner."
show run "$build/examples/xdp_firewall-el.o" --prog xdp_firewall --setup load_policy --pcap "$pcap" --engine jit
show jit "$build/examples/flow_counter-el.o" --dump | head -n 24 || true
show jit "$build/examples/flow_counter-eb.o" --arch s390x
say "One packet, step by step."
show run "$build/examples/rate_limiter-el.o" --trace | head -n 16 || true
say "A program typed in."
printf '\n$ echo "r0 = 6; r0 *= 7; exit" | bpflab run -\n'
echo 'r0 = 6; r0 *= 7; exit' | "$lab" run -
say "A program that reads beyond its packet is rejected, and if it runs all the same, stopped where it does so."
printf '\n$ echo "r1 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r1 + 99); exit" | bpflab verify - --type xdp\n'
echo 'r1 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r1 + 99); exit' | "$lab" verify - --type xdp || true
printf '\n$ echo "r1 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r1 + 99); exit" | bpflab run - --type xdp\n'
echo 'r1 = *(u32 *)(r1 + 0); r0 = *(u8 *)(r1 + 99); exit' | "$lab" run - --type xdp || true
if [ -e /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o ]; then
    say "Objects of a Debian package (libxdp1): verified, and on the same packets."
    show verify /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o
    show run /usr/lib/x86_64-linux-gnu/bpf/xdpfilt_alw_all.o --prog xdpfilt_alw_all --pcap "$pcap"
    show run /usr/lib/x86_64-linux-gnu/bpf/xdp-dispatcher.o --prog xdp_dispatcher --pcap "$pcap"
fi
say "The project's conformance cases, on the interpreter, as machine code, and through the plugin protocol."
show conformance corpus/conformance
show conformance corpus/conformance --engine jit
show conformance corpus/conformance --plugin "$lab plugin"
