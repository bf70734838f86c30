/* quota: rows of the quotas table, and what they leave. */
#include "engine/runtime/runtime.h"

#include "engine/base/field.h"

#define DAY_NS BUCKET_PERIOD_MAX_NS

struct table_schema quota_table(void)
{
	return (struct table_schema){ "quotas", sizeof(struct quota_row),
				      3 * LIMIT_NAME_BYTES + 2 };
}

const char *quota_per_name(enum quota_per per)
{
	static const char *const names[QUOTA_PERS] = { "agent", "session", "tool", "ring" };

	MUST(per < QUOTA_PERS);
	return names[per];
}

const char *quota_unit_name(enum quota_unit unit)
{
	static const char *const names[QUOTA_UNITS] = { "money", "tokens", "calls" };

	MUST(unit < QUOTA_UNITS);
	return names[unit];
}

struct str quota_policy(const struct quota_row *row)
{
	return field_text(row->policy);
}

struct str quota_name(const struct quota_row *row)
{
	return field_text(row->name);
}

struct str quota_subject(const struct quota_row *row)
{
	return field_text(row->subject);
}

static void put_text(struct str text, char field[LIMIT_NAME_BYTES])
{
	static const char empty[LIMIT_NAME_BYTES];

	MUST(text.len <= LIMIT_NAME_BYTES);
	memcpy(field, empty, sizeof(empty));
	memcpy(field, text.ptr, text.len);
}

static bool is_subject(struct str text)
{
	return text.len > 0 && text.len <= LIMIT_NAME_BYTES && !memchr(text.ptr, '\0', text.len);
}

/* The row as it would begin. */
static void begin(const struct quota *q, struct str subject, struct quota_row *row)
{
	put_text(q->policy, row->policy);
	put_text(q->name, row->name);
	put_text(subject, row->subject);
	row->per = (uint8_t)q->per;
	row->kind = (uint8_t)q->kind;
	memset(row->zero, 0, sizeof(row->zero));
	row->at_ns = row->period_ns = 0;
	row->amount = 0;
}

/* What a row holds behind its key, which is most of it and is not copied. */
struct holding {
	int64_t at_ns;
	uint64_t amount;
	int64_t period_ns;
};

_Static_assert(sizeof(struct quota_row) - offsetof(struct quota_row, at_ns) ==
		       sizeof(struct holding), "they are the end of a row");

static struct holding held(const void *row)
{
	struct holding h;

	memcpy(&h, (const char *)row + offsetof(struct quota_row, at_ns), sizeof(h));
	return h;
}

/* In the row as it stands in the table, or as it would begin; `row` has its key then. */
static struct holding find(const struct state *s, unsigned table, const struct quota *q,
			   struct str subject, struct quota_row *row, uint32_t *at, bool *known)
{
	begin(q, subject, row);
	*known = state_find(s, table, row, at);
	return held(*known ? state_row(s, table, *at) : row);
}

static struct bucket bucket_of(const struct holding *h)
{
	return (struct bucket){ h->at_ns, h->amount, h->period_ns };
}

/* The beginning of the day of an instant, also before 1970. */
static int64_t day_of(int64_t at_ns)
{
	int64_t into = at_ns % DAY_NS;

	if (into < 0)
		into += DAY_NS;
	return at_ns < INT64_MIN + DAY_NS ? INT64_MIN : at_ns - into;
}

/* Another day, or another kind of window, begins at nothing. A day that is over does not return. */
static void turn(struct holding *row, const struct quota *q, int64_t at_ns)
{
	int64_t period_ns = q->daily ? DAY_NS : 0, day = q->daily ? day_of(at_ns) : 0;

	if (row->period_ns == period_ns && day <= row->at_ns)
		return;
	row->period_ns = period_ns;
	row->at_ns = day;
	row->amount = 0;
}

static void look_rate(const struct holding *row, const struct quota *q, int64_t at_ns,
		      struct quota_view *ret)
{
	struct bucket b = bucket_of(row);

	bucket_fill(&b, &q->rate, at_ns);
	*ret = (struct quota_view){ .refills = true, .refills_ns = bucket_ready(&b, &q->rate) };
	ret->enough = bucket_take(&b, &q->rate);
}

static void look_budget(const struct holding *row, const struct quota *q, int64_t at_ns,
			int64_t cost, struct quota_view *ret)
{
	struct holding now = *row;
	int64_t used;

	turn(&now, q, at_ns);
	used = now.amount > INT64_MAX ? INT64_MAX : (int64_t)now.amount;
	*ret = (struct quota_view){
		.enough = used <= q->amount && cost <= q->amount - used, .used = used,
		.refills = q->daily,
		.refills_ns = now.at_ns > INT64_MAX - DAY_NS ? INT64_MAX : now.at_ns + DAY_NS,
	};
}

enum err quota_look(const struct state *s, unsigned table, const struct quota *q,
		    struct str subject, int64_t at_ns, int64_t cost, struct quota_view *ret)
{
	struct quota_row row;
	struct holding now;
	uint32_t at;
	bool known;

	if (cost < 1 || !is_subject(subject))
		return ERR_RANGE;
	now = find(s, table, q, subject, &row, &at, &known);
	if (q->kind == QUOTA_RATE)
		look_rate(&now, q, at_ns, ret);
	else
		look_budget(&now, q, at_ns, cost, ret);
	return OK;
}

enum err quota_charge(struct state *s, unsigned table, const struct quota *q, struct str subject,
		      int64_t at_ns, int64_t cost)
{
	struct quota_row row;
	struct holding now;
	struct bucket b;
	uint32_t at;
	bool known;

	if (cost < 1 || !is_subject(subject))
		return ERR_RANGE;
	now = find(s, table, q, subject, &row, &at, &known);
	if (q->kind == QUOTA_RATE) {
		b = bucket_of(&now);
		bucket_fill(&b, &q->rate, at_ns);
		(void)bucket_take(&b, &q->rate);
		now = (struct holding){ b.at_ns, b.level, b.period_ns };
	} else {
		turn(&now, q, at_ns);
		if (now.amount > (uint64_t)(INT64_MAX - cost))
			return ERR_RANGE;
		now.amount += (uint64_t)cost;
	}
	row.at_ns = now.at_ns;
	row.amount = now.amount;
	row.period_ns = now.period_ns;
	return known ? state_update(s, table, at, &row) : state_insert(s, table, &row, &at);
}
