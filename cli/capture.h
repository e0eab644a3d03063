/* capture.h: packets of a pcap or pcapng file, through libpcap.
 */
#ifndef BPFLAB_CLI_CAPTURE_H
#define BPFLAB_CLI_CAPTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "isa/err.h"

struct capture_packet {
    uint8_t *at; /* owned; begins with an Ethernet header */
    uint32_t n_bytes;
};

struct capture {
    struct capture_packet *packets; /* owned */
    size_t n_packets;
    size_t n_cut; /* packets of which the file holds only the beginning */
};

/* capture_read: all packets of a file, "-" for standard input. Raw IP packets get an Ethernet
 * header of zero addresses.
 * errors: FORMAT (no capture file, or damaged: what libpcap says), UNSUPPORTED (another link
 *         layer), NOMEM, RANGE (more than 1 GiB of packets), IO (standard input was read before)
 * cost:   O(file) */
enum bpflab_err capture_read(const char *path, struct capture *out, struct diag *d);
void capture_fini(struct capture *c);

#endif
