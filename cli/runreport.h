/* runreport.h: what bpflab run prints.
 */
#ifndef BPFLAB_CLI_RUNREPORT_H
#define BPFLAB_CLI_RUNREPORT_H

#include "cli/packets.h"
#include "cli/runview.h"

/* struct runreport: what a report is about. All borrowed. */
struct runreport {
    struct cli *c;
    const struct prog *p;
    const struct runview *view;
    const struct run_log *log;
};

/* runreport_print: as text, all of it.
 * runreport_json:  into the command's writer, the object left open for more members.
 * _packets:        the same of a capture that was gone through repeat times. */
void runreport_print(const struct runreport *t, const struct run_result *r);
void runreport_json(const struct runreport *t, const struct run_result *r);
void runreport_print_packets(const struct runreport *t, const struct packets_result *r,
                             uint64_t repeat);
void runreport_json_packets(const struct runreport *t, const struct packets_result *r,
                            uint64_t repeat);

#endif
