/* netcookie.c: SYN cookies. A cookie is the connection's hash, plus the client's sequence
 * number, plus the index of the largest segment size of a short table that fits: Linux's idea,
 * without its secret and its clock. */
#include "runtime/helper/net.h"

enum {
    TCP_BYTES = 20,
    TCP_FIN = 1,
    TCP_SYN = 2,
    TCP_RST = 4,
    TCP_ACK = 16,
    N_MSS = 4,
    MSS_DEFAULT = 536
};

static const uint16_t mss4[N_MSS] = {536, 1300, 1440, 1460};
static const uint16_t mss6[N_MSS] = {1220, 1420, 1440, 8940};

/* connection: hash of addresses and ports; ip: header of version 4 or 6. */
static uint32_t connection(const uint8_t *ip, bool v4, const uint8_t *th) {
    uint8_t key[36];
    const uint32_t n = v4 ? 8 : 32;
    memcpy(key, ip + (v4 ? 12 : 8), n);
    memcpy(key + n, th, 4);
    return map_hash_key(key, n + 4);
}

/* mss_option: of a SYN's options, 0 if it has none.
 * in: th, n checked header bytes. */
static uint16_t mss_option(const uint8_t *th, uint32_t n) {
    enum {
        EOL,
        NOP,
        MSS,
        MSS_BYTES = 4
    };
    for (uint32_t i = TCP_BYTES; i < n && th[i] != EOL;) {
        if (th[i] == NOP) {
            i++;
            continue;
        }
        if (i + 1 >= n || th[i + 1] < 2 || i + th[i + 1] > n)
            return 0;
        if (th[i] == MSS && th[i + 1] == MSS_BYTES)
            return net_get16(th + i + 2);
        i += th[i + 1];
    }
    return 0;
}

/* make: mss << 32 | cookie for a SYN. */
static uint64_t make(const uint8_t *ip, bool v4, const uint8_t *th, uint16_t mss) {
    const uint16_t *table = v4 ? mss4 : mss6;
    uint32_t i = N_MSS - 1;
    while (i && table[i] > mss)
        i--;
    const uint32_t cookie = connection(ip, v4, th) + net_get32(th + 4) + i;
    return (uint64_t)table[i] << 32 | cookie;
}

/* valid: does an ACK bring back the cookie of its connection? */
static bool valid(const uint8_t *ip, bool v4, const uint8_t *th) {
    const uint32_t cookie = net_get32(th + 8) - 1, seq = net_get32(th + 4) - 1;
    return cookie - connection(ip, v4, th) - seq < N_MSS;
}

/* listener: the row of a listening TCP socket; NULL where Linux says -EINVAL. */
static const struct net_sock *listener(struct world *w, uint64_t sk) {
    const int32_t i = arg_sock(w, sk);
    const struct net_sock *s = i >= 0 ? net_sock_of(w, i) : NULL;
    return s && s->state == TCP_LISTEN && s->protocol == NET_TCP ? s : NULL;
}

/* version: of an IP header that the listener may get; 0: -EINVAL, 1: -EPROTONOSUPPORT. */
static int version(const struct net_sock *s, const uint8_t *ip, uint32_t n) {
    switch (ip[0] >> 4) {
    case 4: return s->family == NET_AF_INET6 && s->v6only ? 0 : 4;
    case 6: return n >= IP6_BYTES && s->family == NET_AF_INET6 ? 6 : 0;
    default: return 1;
    }
}

uint64_t helper_tcp_check_syncookie(uint64_t sk, uint64_t iph, uint64_t iph_len, uint64_t tcp,
                                    uint64_t th_len, struct world *w) {
    const uint8_t *ip = arg_read(w, iph, (uint32_t)iph_len);
    const uint8_t *th = arg_read(w, tcp, (uint32_t)th_len);
    if (!ip || !th)
        return 0;
    const struct net_sock *s = listener(w, sk);
    if (!s || (uint32_t)th_len < TCP_BYTES || !net_env_of(w)->syncookies)
        return helper_err(LX_EINVAL);
    if ((th[13] & (TCP_ACK | TCP_RST | TCP_SYN)) != TCP_ACK)
        return helper_err(LX_ENOENT);
    if ((uint32_t)iph_len < IP4_BYTES)
        return helper_err(LX_EINVAL);
    const int v = version(s, ip, (uint32_t)iph_len);
    if (v < 4)
        return helper_err(v ? LX_EPROTONOSUPPORT : LX_EINVAL);
    return valid(ip, v == 4, th) ? 0 : helper_err(LX_ENOENT);
}

uint64_t helper_tcp_gen_syncookie(uint64_t sk, uint64_t iph, uint64_t iph_len, uint64_t tcp,
                                  uint64_t th_len, struct world *w) {
    const uint8_t *ip = arg_read(w, iph, (uint32_t)iph_len);
    const uint8_t *th = arg_read(w, tcp, (uint32_t)th_len);
    const uint32_t n = (uint32_t)th_len;
    if (!ip || !th)
        return 0;
    const struct net_sock *s = listener(w, sk);
    if (!s || n < TCP_BYTES || n != (th[12] >> 4) * 4u)
        return helper_err(LX_EINVAL);
    if (!net_env_of(w)->syncookies)
        return helper_err(LX_ENOENT);
    if ((th[13] & (TCP_SYN | TCP_ACK | TCP_FIN | TCP_RST)) != TCP_SYN ||
        (uint32_t)iph_len < IP4_BYTES)
        return helper_err(LX_EINVAL);
    const int v = version(s, ip, (uint32_t)iph_len);
    if (v < 4)
        return helper_err(v ? LX_EPROTONOSUPPORT : LX_EINVAL);
    const uint16_t mss = mss_option(th, n);
    return make(ip, v == 4, th, mss ? mss : MSS_DEFAULT);
}

static uint64_t raw_gen(struct world *w, uint64_t iph, bool v4, uint64_t tcp, uint32_t n) {
    const uint8_t *ip = arg_read(w, iph, v4 ? IP4_BYTES : IP6_BYTES);
    const uint8_t *th = arg_read(w, tcp, n);
    if (!ip || !th)
        return 0;
    if (n < TCP_BYTES || n != (th[12] >> 4) * 4u)
        return helper_err(LX_EINVAL);
    const uint16_t mss = mss_option(th, n);
    return make(ip, v4, th, mss ? mss : MSS_DEFAULT);
}

static uint64_t raw_check(struct world *w, uint64_t iph, bool v4, uint64_t tcp) {
    const uint8_t *ip = arg_read(w, iph, v4 ? IP4_BYTES : IP6_BYTES);
    const uint8_t *th = arg_read(w, tcp, TCP_BYTES);
    if (!ip || !th)
        return 0;
    return valid(ip, v4, th) ? 0 : helper_err(LX_EACCES);
}

uint64_t helper_tcp_raw_gen_syncookie_ipv4(uint64_t iph, uint64_t th, uint64_t th_len, uint64_t r4,
                                           uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return raw_gen(w, iph, true, th, (uint32_t)th_len);
}

uint64_t helper_tcp_raw_gen_syncookie_ipv6(uint64_t iph, uint64_t th, uint64_t th_len, uint64_t r4,
                                           uint64_t r5, struct world *w) {
    HELPER_UNUSED2(r4, r5);
    return raw_gen(w, iph, false, th, (uint32_t)th_len);
}

uint64_t helper_tcp_raw_check_syncookie_ipv4(uint64_t iph, uint64_t th, uint64_t r3, uint64_t r4,
                                             uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    return raw_check(w, iph, true, th);
}

uint64_t helper_tcp_raw_check_syncookie_ipv6(uint64_t iph, uint64_t th, uint64_t r3, uint64_t r4,
                                             uint64_t r5, struct world *w) {
    HELPER_UNUSED3(r3, r4, r5);
    return raw_check(w, iph, false, th);
}
