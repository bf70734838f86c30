/*
 * cmd_policy_bench: trammel policy bench [PATH]: how long a decision takes, by number of rules.
 *
 * The rules are those of the bundle, cut to the first 1, 10, 100 and so on; the requests are one
 * for each rule, for which it matches, and with --log those of recorded actions. Only deciding is
 * timed, by the machine's monotonic clock, one decision at a time, so the clock's own time is part
 * of it.
 */
#include <stdlib.h>
#include <time.h>

#include "tui/given_policy.h"
#include "tui/recorded_requests.h"

#define OUT_CAP    ((size_t)1 << 20)
#define MEMORY_CAP ((size_t)1 << 30)
#define DECISIONS  20000
#define REQUESTS_MAX 4096

struct benching {
	const struct invocation *in;
	struct bundle *bundle;
	struct arena memory, scratch;
	struct question requests[REQUESTS_MAX]; /* made for the rules */
	size_t request_count;
	struct recorded_requests recorded;
	int64_t times_ns[DECISIONS];
	struct buf out;
};

static void on_request(void *self, const struct question *q)
{
	struct benching *b = self;

	if (b->request_count < REQUESTS_MAX)
		b->requests[b->request_count++] = *q;
}

static int64_t now_ns(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000000000 + t.tv_nsec;
}

static int by_time(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

static void add_row(struct benching *b, size_t rules, const char *source)
{
	int64_t p50 = b->times_ns[DECISIONS / 2], p99 = b->times_ns[DECISIONS / 100 * 99];

	if (json_wanted(b->in)) {
		buf_add_byte(&b->out, '{');
		json_number(&b->out, "rules", rules);
		json_text(&b->out, "requests", str_view(source));
		json_number(&b->out, "decisions", DECISIONS);
		json_number(&b->out, "p50_ns", (uint64_t)p50);
		json_number(&b->out, "p99_ns", (uint64_t)p99);
		buf_add_c(&b->out, "}\n");
	} else {
		buf_addf(&b->out, "%6zu rules   %-9s   p50 %7lld ns   p99 %7lld ns\n", rules,
			 source, (long long)p50, (long long)p99);
	}
}

static enum err time_them(struct benching *b, const struct trimmed *t,
			  const struct question *requests, size_t count, const char *source)
{
	for (size_t i = 0; i < DECISIONS; i++) {
		struct arena_mark mark = arena_mark(&b->memory);
		int64_t start = now_ns();
		struct ruling r;

		TRY(trim_decide(t, &requests[i % count], &b->memory, &r));
		b->times_ns[i] = now_ns() - start;
		arena_rewind(&b->memory, mark);
	}
	qsort(b->times_ns, DECISIONS, sizeof(b->times_ns[0]), by_time);
	add_row(b, trim_rules(t), source);
	return OK;
}

static enum err measure(struct benching *b, size_t rules)
{
	struct arena_mark outer = arena_mark(&b->scratch);
	const struct trimmed *t;

	TRY(trim_open(b->bundle, rules, &b->scratch, &t));
	if (b->request_count)
		TRY(time_them(b, t, b->requests, b->request_count, "generated"));
	if (b->recorded.count)
		TRY(time_them(b, t, b->recorded.list, b->recorded.count, "recorded"));
	arena_rewind(&b->scratch, outer);
	return OK;
}

static enum err run(struct benching *b, struct arena *bundle_memory, struct note *n)
{
	size_t all;

	TRY(given_policy_load(b->in, b->in->args[0], bundle_memory, &b->bundle, n));
	TRY(trim_requests(b->bundle, &b->memory, &b->scratch, on_request, b));
	if (given(b->in, OPT_LOG))
		TRY(recorded_requests_read(b->in, b->in->values[OPT_LOG], REQUESTS_MAX,
					   &b->memory, &b->recorded, n));
	if (b->request_count + b->recorded.count == 0)
		return note_set(n, ERR_NOT_FOUND, 0, 0,
				"there is no rule with a request that it matches, and no recorded "
				"action, so nothing to measure");
	if (b->recorded.without_body)
		print_talk("%llu recorded actions are left out: their arguments are gone",
			   (unsigned long long)b->recorded.without_body);
	all = bundle_rules(b->bundle);
	for (size_t rules = 1; rules < all; rules *= 10)
		TRY(measure(b, rules));
	TRY(measure(b, all));
	return print_out(&b->out, n);
}

int cmd_policy_bench(const struct invocation *in)
{
	struct benching *b = calloc(1, sizeof(*b));
	struct note n = { .text = "" };
	struct arena bundle_memory;
	enum err e = ERR_MEMORY;

	if (!b)
		return print_error(in, e, &n);
	b->in = in;
	arena_init(&bundle_memory, LIMIT_BUNDLE_MEMORY);
	arena_init(&b->memory, MEMORY_CAP);
	arena_init(&b->scratch, MEMORY_CAP);
	buf_init(&b->out, OUT_CAP);
	e = run(b, &bundle_memory, &n);
	buf_fini(&b->out);
	arena_fini(&b->scratch);
	arena_fini(&b->memory);
	arena_fini(&bundle_memory);
	free(b);
	return e == OK ? 0 : print_error(in, e, &n);
}
