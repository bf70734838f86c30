/*
 * cmd_log_report: trammel log report [--days N] [--until TIME]
 *
 * The chain is verified in the same run, so the report says of what it counted whether it may be
 * believed; what cannot be read is not counted, and that is said as well.
 */
#include "engine/base/when.h"
#include "engine/index/index.h"
#include "engine/space/space.h"
#include "tui/given_filter.h"
#include "tui/last_entry.h"
#include "tui/print.h"

#define OUT_CAP    ((size_t)256 << 20)
#define MEMORY_CAP ((size_t)512 << 20)
#define DAYS       30
#define DAY_NS     (86400 * WHEN_SECOND_NS)
#define TOP        10

struct reporting {
	const struct invocation *in;
	struct space *space;
	struct arena memory, bundle_memory;
	uint64_t days;
	int64_t since_ns, until_ns, newest_ns;
	struct log_report log;
	enum err chain, counted;              /* of verifying, of counting */
	struct note chain_note, count_note;
	size_t cosignatures;                  /* below the checkpoint, whoever made them */
	struct census census;
	bool rules_known;                     /* of the policies in force at the end */
	size_t rules, rules_decided;
	struct note *n;
};

static const struct list_name {
	enum census_list list;
	const char *name;
} lists[] = {
	{ CENSUS_AGENTS, "agents" }, { CENSUS_TOOLS, "tools" }, { CENSUS_RULES, "rules" },
	{ CENSUS_STAGES, "stages" }, { CENSUS_OUTCOMES, "outcomes" },
	{ CENSUS_CONTROLS, "controls" }, { CENSUS_POLICIES, "policies" },
};

/* --- the stretch --- */

static enum err read_days(struct reporting *r)
{
	const char *text = r->in->values[OPT_DAYS];

	r->days = DAYS;
	if (!text || (str_to_u64(str_view(text), &r->days) == OK && r->days > 0 &&
		      r->days <= INT64_MAX / DAY_NS))
		return OK;
	return note_set(r->n, ERR_USAGE, 0, 0, "--days is '%s'; expected a number from 1 to %lld",
			text, (long long)(INT64_MAX / DAY_NS));
}

static enum err choose_stretch(struct reporting *r, const struct entry *last)
{
	int64_t span = (int64_t)r->days * DAY_NS;

	r->newest_ns = last ? last->time_ns : 0;
	r->until_ns = r->newest_ns;
	TRY(given_time(r->in, OPT_UNTIL, r->newest_ns, &r->until_ns, r->n));
	r->since_ns = r->until_ns < INT64_MIN + span ? INT64_MIN : r->until_ns - span;
	return OK;
}

/* --- what is found --- */

/* A signature line begins with an em dash and a name; the log's own may be two of them. */
static void count_cosignatures(struct reporting *r)
{
	struct checkpoint ignored;
	struct str text, line, rest, dash, name;

	if (log_checkpoint(r->in->world, space_log_folder(r->space), space_key(r->space), 1,
			   &r->memory, &text, &ignored, NULL) != OK)
		return;
	for (rest = text; str_cut(rest, '\n', &line, &rest);)
		r->cosignatures += str_starts(line, STR(NOTE_DASH)) &&
				   str_cut(line, ' ', &dash, &line) &&
				   str_cut(line, ' ', &name, &line) &&
				   !str_eq(name, space_key(r->space)->name);
}

static bool decided(const struct reporting *r, struct str rule)
{
	const struct census_names *rules = &r->census.lists[CENSUS_RULES];

	for (size_t i = 0; i < rules->count; i++)
		if (str_eq(rules->rows[i].name, rule))
			return true;
	return false;
}

/* That the bundle is gone takes nothing from the rest. */
static enum err count_rules(struct reporting *r, const struct entry *last)
{
	struct gate_bodies bodies = space_bodies(r->space);
	struct bundle *bundle;
	struct body packed;
	enum err e = last ? bodies.get(bodies.self, &last->policy, &packed) : ERR_MISS;

	if (e == OK)
		e = bundle_unpack(packed.text, &r->bundle_memory, &bundle, NULL);
	if (e == ERR_MEMORY)
		return e;
	r->rules_known = e == OK;
	for (unsigned stage = 0; r->rules_known && stage < POLICY_STAGES; stage++) {
		uint32_t count = bundle_stage_rules(bundle, (enum policy_stage)stage);

		r->rules += count;
		for (uint32_t i = 0; i < count; i++)
			r->rules_decided +=
				decided(r, bundle_stage_rule(bundle, (enum policy_stage)stage, i));
	}
	return OK;
}

/* What is wrong with the evidence is a finding of the report; what else fails ends it. */
static bool is_finding(enum err e)
{
	return err_exit(e) == err_exit(ERR_TAMPERED) || e == ERR_UNSIGNED;
}

static enum err gather(struct reporting *r)
{
	const struct space_config *config = space_config(r->space);
	struct entry entry, *last = NULL;

	/* One that cannot be read is a finding; log_verify names it. */
	if (last_entry(r->space, &r->memory, &entry, NULL) == OK)
		last = &entry;
	TRY(choose_stretch(r, last));
	r->chain = log_verify(r->in->world, space_log_folder(r->space), config->origin,
			      space_key(r->space), 1, NULL, &r->log, &r->chain_note);
	if (r->chain != OK && !is_finding(r->chain)) {
		*r->n = r->chain_note;
		return r->chain;
	}
	r->counted = census_take(r->in->world, space_log_folder(r->space), config->origin,
				 r->since_ns, r->until_ns, &r->memory, &r->census, &r->count_note);
	if (r->counted != OK && !is_finding(r->counted)) {
		*r->n = r->count_note;
		return r->counted;
	}
	count_cosignatures(r);
	return count_rules(r, last);
}

/* --- as JSON --- */

static void add_list_json(struct buf *b, const char *name, const struct census_names *l)
{
	json_key(b, name);
	buf_add_byte(b, '[');
	for (size_t i = 0; i < l->count; i++) {
		buf_add_c(b, i ? ",{" : "{");
		json_text(b, "name", l->rows[i].name);
		json_number(b, "count", l->rows[i].count);
		json_number(b, "denied", l->rows[i].denied);
		buf_add_byte(b, '}');
	}
	buf_add_byte(b, ']');
}

static void add_chain_json(struct buf *b, const struct reporting *r)
{
	json_key(b, "chain");
	buf_add_byte(b, '{');
	json_bool(b, "verified", r->chain == OK);
	json_text(b, "finding", r->chain == OK ? STR_NONE : str_view(r->chain_note.text));
	json_text(b, "file", r->chain == OK ? STR_NONE : str_view(r->chain_note.file));
	if (r->chain == OK || r->chain == ERR_UNSIGNED) {
		json_number(b, "size", r->log.checkpoint.size);
		json_digest(b, "root", &r->log.checkpoint.root);
		json_number(b, "unsigned_entries", r->log.tail_entries);
		json_number(b, "cosignatures", r->cosignatures);
	}
	buf_add_byte(b, '}');
}

static void add_json(struct buf *b, const struct reporting *r)
{
	const struct census *c = &r->census;

	buf_add_byte(b, '{');
	json_text(b, "format", STR("trammel/report/v1"));
	json_text(b, "origin", space_config(r->space)->origin);
	json_time(b, "since", r->since_ns);
	json_time(b, "until", r->until_ns);
	add_chain_json(b, r);
	json_bool(b, "complete", r->counted == OK);
	json_number(b, "read", c->read);
	json_number(b, "entries", c->entries);
	json_key(b, "kinds");
	buf_add_byte(b, '{');
	for (unsigned kind = 0; kind < ENTRY_KINDS; kind++)
		json_number(b, entry_kind_name((enum entry_kind)kind), c->kinds[kind]);
	buf_add_byte(b, '}');
	json_number(b, "allowed", c->allowed);
	json_number(b, "denied", c->denied);
	json_number(b, "with_outcome", c->with_outcome);
	json_number(b, "signed", c->signed_actions);
	json_number(b, "synthetic_times", c->synthetic);
	json_number(b, "faults", c->faults);
	if (r->rules_known) {
		json_number(b, "rules_in_force", r->rules);
		json_number(b, "rules_decided", r->rules_decided);
	}
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		add_list_json(b, lists[i].name, &c->lists[lists[i].list]);
	buf_add_c(b, "}\n");
}

/* --- for people --- */

static void add_share(struct buf *b, uint64_t part, uint64_t whole, const char *text)
{
	print_count(b, part);
	buf_add_c(b, " of ");
	print_count(b, whole);
	buf_addf(b, " %s", text);
	if (whole > 0)
		buf_addf(b, " (%llu %%)", (unsigned long long)(part * 100 / whole));
}

static void add_chain(struct buf *b, const struct reporting *r)
{
	const struct note *n = &r->chain_note;

	buf_add_c(b, "chain     ");
	if (r->chain != OK && r->chain != ERR_UNSIGNED) {
		buf_addf(b, "NOT VALID: %s: %s\n", n->file, n->text);
		return;
	}
	buf_add_c(b, "verified in this run: ");
	print_counted(b, r->log.entries, "entry", "entries");
	buf_add_c(b, ", ");
	print_count(b, r->log.tail_entries);
	buf_add_c(b, " of them not signed yet\nhead      size ");
	print_count(b, r->log.checkpoint.size);
	buf_add_c(b, ", root ");
	base64_write(b, r->log.checkpoint.root.bytes, DIGEST_BYTES);
	buf_add_c(b, "\n          ");
	print_counted(b, r->cosignatures, "cosignature", "cosignatures");
	buf_add_c(b, " below it, which log verify --witness checks\n");
}

static void add_counts(struct buf *b, const struct reporting *r)
{
	const struct census *c = &r->census;
	const char *comma = "";

	buf_add_c(b, "counted   ");
	print_counted(b, c->entries, "entry", "entries");
	buf_add_c(b, ": ");
	for (unsigned kind = 0; kind < ENTRY_KINDS; kind++) {
		if (c->kinds[kind] == 0)
			continue;
		buf_add_c(b, comma);
		print_count(b, c->kinds[kind]);
		buf_addf(b, " %s", entry_kind_name((enum entry_kind)kind));
		comma = ", ";
	}
	buf_add_c(b, "\n");
	if (r->counted != OK)
		buf_addf(b, "          ONLY UP TO ENTRY %llu: %s\n", (unsigned long long)c->read,
			 r->count_note.text);
	buf_add_c(b, "actions   ");
	print_count(b, c->allowed);
	buf_add_c(b, " allowed, ");
	print_count(b, c->denied);
	buf_add_c(b, " denied, ");
	print_count(b, c->faults);
	buf_add_c(b, " of them because the machine failed\n");
	if (c->kinds[ENTRY_REFUSAL]) {
		buf_add_c(b, "refused   ");
		print_counted(b, c->kinds[ENTRY_REFUSAL], "document", "documents");
		buf_add_c(b, ", which are in no count of actions\n");
	}
	buf_add_c(b, "coverage  ");
	add_share(b, c->with_outcome, c->allowed, "allowed actions have their outcome");
	buf_add_c(b, "\n          ");
	add_share(b, c->signed_actions, c->allowed + c->denied, "actions are signed");
	buf_add_c(b, "\n          ");
	add_share(b, c->entries - c->synthetic, c->entries, "entries have a time of their source");
	buf_add_c(b, "\n          ");
	if (r->rules_known)
		add_share(b, r->rules_decided, r->rules, "rules in force decided something");
	else
		buf_add_c(b, "the policies in force are not in the blob store");
	buf_add_byte(b, '\n');
}

static void add_list(struct buf *b, const char *name, const struct census_names *l)
{
	uint64_t rest = l->others;

	if (l->count == 0)
		return;
	buf_addf(b, "\n%-8s      count     denied\n", name);
	for (size_t i = 0; i < l->count; i++) {
		const struct census_row *row = &l->rows[i];

		if (i >= TOP) {
			rest += row->count;
			continue;
		}
		buf_addf(b, "%19llu%11llu  ", (unsigned long long)row->count,
			 (unsigned long long)row->denied);
		buf_add(b, row->name.len ? row->name : STR("(none)"));
		buf_add_byte(b, '\n');
	}
	if (rest > 0)
		buf_addf(b, "%19llu             others\n", (unsigned long long)rest);
}

static void add_text(struct buf *b, const struct reporting *r)
{
	buf_addf(b, "log       %.*s\nperiod    ", STR_ARG(space_config(r->space)->origin));
	when_write(b, r->since_ns);
	buf_add_c(b, " to ");
	when_write(b, r->until_ns);
	buf_add_c(b, "\n          ");
	print_counted(b, r->days, "day", "days");
	buf_addf(b, " up to %s\n",
		 given(r->in, OPT_UNTIL) ? "the time given" : "the last entry");
	add_chain(b, r);
	add_counts(b, r);
	for (size_t i = 0; i < sizeof(lists) / sizeof(*lists); i++)
		add_list(b, lists[i].name, &r->census.lists[lists[i].list]);
}

/* Evidence that is not whole is the status, whatever could be counted of it. */
static int status_of(const struct reporting *r)
{
	if (r->chain != OK && r->chain != ERR_UNSIGNED)
		return err_exit(r->chain);
	return r->counted == OK ? 0 : err_exit(r->counted);
}

int cmd_log_report(const struct invocation *in)
{
	struct note n = { .text = "" };
	struct reporting r = { .in = in, .n = &n };
	struct buf b;
	int status;
	enum err e;

	buf_init(&b, OUT_CAP);
	arena_init(&r.memory, MEMORY_CAP);
	arena_init(&r.bundle_memory, LIMIT_BUNDLE_MEMORY);
	e = read_days(&r);
	if (e == OK)
		e = space_open(in->world, dir_of(in), SPACE_READ, &r.space, &n);
	if (e == OK)
		e = gather(&r);
	if (e == OK && json_wanted(in))
		add_json(&b, &r);
	else if (e == OK)
		add_text(&b, &r);
	if (e == OK)
		e = print_page(in, &b, &n);
	status = e == OK ? status_of(&r) : print_error(in, e, &n);
	buf_fini(&b);
	arena_fini(&r.bundle_memory);
	arena_fini(&r.memory);
	(void)space_close(r.space, NULL);
	return status;
}
