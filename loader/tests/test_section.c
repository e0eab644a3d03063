/* test_section.c: section names: every row of section.def in every form, and names that are no row.
 */
#include "loader/section.h"
#include "tests/check.h"

enum {
    EXACT,
    SUFFIX,
    ATTACH_none = 0
};

enum {
    HOW_PLAIN,
    HOW_SLEEPS,
    HOW_FRAGS
};

static void check_row(const char *name, int form, uint32_t prog, uint32_t attach, int how) {
    char buf[128];
    check_note(name);
    for (int asked = 0; asked < 2; asked++) {
        snprintf(buf, sizeof buf, "%s%s", asked ? "?" : "", name);
        struct section_kind k = section_kind_of(buf);
        CHECK_EQ(k.type, prog);
        CHECK_EQ(k.attach_type, attach);
        CHECK_EQ(k.sleepable, how == HOW_SLEEPS);
        CHECK_EQ(k.frags, how == HOW_FRAGS);
        CHECK_EQ(k.optional, asked);
        CHECK(!k.attach_to);
        snprintf(buf, sizeof buf, "%s%s/some/thing:x", asked ? "?" : "", name);
        k = section_kind_of(buf);
        CHECK_EQ(k.type, prog);
        if (form == SUFFIX)
            CHECK_STR(k.attach_to, "some/thing:x");
        else
            CHECK(!k.attach_to);
    }
    snprintf(buf, sizeof buf, "%sx", name);
    uint32_t type = section_kind_of(buf).type; /* a shorter row may begin it, of the same type */
    CHECK(type == PROG_unspec || (strpbrk(name, "/._") && type == prog));
    snprintf(buf, sizeof buf, "%s_1", name);
    CHECK_EQ(section_kind_of(buf).type, form == EXACT ? prog : PROG_unspec);
    snprintf(buf, sizeof buf, "x%s", name);
    CHECK_EQ(section_kind_of(buf).type, PROG_unspec);
}

int main(void) {
#define SECTION(name, form, prog, attach, how)                                                     \
    check_row(name, form, PROG_##prog, ATTACH_##attach, HOW_##how);
#include "loader/section.def"
    check_note(NULL);
    /* the longest row, where several are the beginning of a name */
    struct section_kind k = section_kind_of("cgroup/sock_create/2");
    CHECK(k.type == PROG_cgroup_sock && k.attach_type == ATTACH_cgroup_inet_sock_create);
    k = section_kind_of("sk_reuseport/migrate");
    CHECK_EQ(k.attach_type, ATTACH_sk_reuseport_select_or_migrate);
    CHECK_EQ(section_kind_of("xdp.frags/cpumap").attach_type, ATTACH_xdp_cpumap);
    CHECK(section_kind_of("xdp.frags/devmap").frags && section_kind_of("xdp.frags_1").frags);
    CHECK(!section_kind_of("xdp/devmap").frags && section_kind_of("?unknown").optional);
    k = section_kind_of("uretprobe.multi.s//bin/sh:main");
    CHECK(k.sleepable && k.attach_type == ATTACH_trace_uprobe_multi);
    CHECK_STR(k.attach_to, "/bin/sh:main");
    CHECK(!section_kind_of("kprobe/").attach_to);
    static const char *const strange[] = {"", "?", ".text", "tcp", "static", "Xdp", "xd", "/xdp"};
    for (size_t i = 0; i < sizeof strange / sizeof strange[0]; i++)
        CHECK_EQ(section_kind_of(strange[i]).type, PROG_unspec);
    return check_end();
}
