/* capture.c: libpcap reads the file; packets are kept in memory, because runs may be repeated.
 */
#include "cli/capture.h"

#include <pcap/pcap.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    ETHERNET_BYTES = 14
};
#define CAPTURE_MAX ((uint64_t)1 << 30)

/* link_head: bytes of Ethernet header that packets of this link layer lack; -1 for one that is not
 * supported. */
static int link_head(int link) {
    switch (link) {
    case DLT_EN10MB: return 0;
    case DLT_RAW:
    case DLT_IPV4:
    case DLT_IPV6: return ETHERNET_BYTES;
    default: return -1;
    }
}

static enum bpflab_err add_packet(struct capture *c, size_t *capacity, const uint8_t *at,
                                  uint32_t n_bytes, uint32_t head) {
    if (c->n_packets == *capacity) {
        size_t want = *capacity ? *capacity * 2 : 256;
        struct capture_packet *grown = realloc(c->packets, want * sizeof *grown);
        if (!grown)
            return BPFLAB_E_NOMEM;
        c->packets = grown;
        *capacity = want;
    }
    uint8_t *copy = calloc(1, (size_t)n_bytes + head + 1);
    if (!copy)
        return BPFLAB_E_NOMEM;
    if (head) {
        bool six = n_bytes && at[0] >> 4 == 6;
        copy[12] = six ? 0x86 : 0x08;
        copy[13] = six ? 0xdd : 0x00;
    }
    memcpy(copy + head, at, n_bytes);
    c->packets[c->n_packets++] = (struct capture_packet){.at = copy, .n_bytes = n_bytes + head};
    return BPFLAB_OK;
}

static enum bpflab_err read_packets(pcap_t *p, uint32_t head, struct capture *c, struct diag *d) {
    struct pcap_pkthdr *h;
    const unsigned char *at;
    size_t capacity = 0;
    uint64_t total = 0;
    int got;
    while ((got = pcap_next_ex(p, &h, &at)) == 1) {
        total += h->caplen;
        if (total > CAPTURE_MAX)
            return diag_set(d, BPFLAB_E_RANGE, "more than 1 GiB of packets");
        if (add_packet(c, &capacity, at, h->caplen, head))
            return diag_set(d, BPFLAB_E_NOMEM, "out of memory");
        c->n_cut += h->caplen < h->len;
    }
    if (got != PCAP_ERROR_BREAK)
        return diag_set(d, BPFLAB_E_FORMAT, "packet %zu: %s", c->n_packets + 1, pcap_geterr(p));
    return BPFLAB_OK;
}

enum bpflab_err capture_read(const char *path, struct capture *out, struct diag *d) {
    char why[PCAP_ERRBUF_SIZE] = "";
    struct capture c = {0};
    if (!strcmp(path, "-") && feof(stdin))
        return diag_set(d, BPFLAB_E_IO, "standard input was read before");
    pcap_t *p = pcap_open_offline(path, why);
    if (!p)
        return diag_set(d, BPFLAB_E_FORMAT, "not a capture file: %s", why);
    int link = pcap_datalink(p), head = link_head(link);
    const char *name = pcap_datalink_val_to_description(link);
    enum bpflab_err err =
        head < 0 ? diag_set(d, BPFLAB_E_UNSUPPORTED,
                            "packets of link layer %d (%s); bpflab reads Ethernet and IP", link,
                            name ? name : "unknown")
                 : read_packets(p, (uint32_t)head, &c, d);
    pcap_close(p);
    if (err)
        capture_fini(&c);
    else
        *out = c;
    return err;
}

void capture_fini(struct capture *c) {
    for (size_t i = 0; i < c->n_packets; i++)
        free(c->packets[i].at);
    free(c->packets);
    *c = (struct capture){0};
}
