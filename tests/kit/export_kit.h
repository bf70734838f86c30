/*
 * export_kit: a workspace whose log has something of everything, and its exports as texts.
 *
 *   entry 0   the policy comes into force
 *   1, 2      ann looks, in session s1 and a W3C trace; a good outcome of 5 ms
 *   3         ann would steal; denied
 *   4, 5      "-bot" does "=cmd|' /C calc'!A0" to "a,\"b\"", in session s2 and trace "t"; it failed
 *   6         ann looks again, arguments beyond ASCII, no outcome
 *   7         an outcome of 4 that came too late is none; a refusal
 */
#ifndef TRAMMEL_TESTS_EXPORT_KIT_H
#define TRAMMEL_TESTS_EXPORT_KIT_H

#include "tests/kit/space_kit.h"

#define EXPORT_KIT_ENTRIES 8
#define EXPORT_KIT_TRACE "4bf92f3577b34da6a3ce929d0e0e4736"
#define EXPORT_KIT_POLICY                                                                        \
	"apiVersion: governance.toolkit/v1\nname: kit\nunknown_agents: evaluate\n"                \
	"default_action: allow\nrules:\n  - {name: no, tools: [steal], action: deny}\n"

struct export_kit {
	struct space_kit space;
	struct buf out;              /* the last export, NUL behind it */
	struct export_report report;
	struct note note;
};

void export_kit_init(struct export_kit *k);
void export_kit_fini(struct export_kit *k);
/* One document through the gate, committed and signed. Asserts that it is recorded. */
void export_kit_submit(struct export_kit *k, const char *document);
/* Export into k->out. Asserts nothing. */
enum err export_kit_run(struct export_kit *k, const struct export_options *options);
/* Everything in that format, bodies included; asserts that it works. */
struct str export_kit_all(struct export_kit *k, enum export_format format);
/* Line `at` of k->out, in the kit's memory, without its newline; ptr NULL behind the last. */
struct str export_kit_line(struct export_kit *k, size_t at);

#endif
