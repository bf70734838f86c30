/* rate: "10/hour", so many in a period. */
#include "engine/policy/rules.h"

#define SECOND_NS INT64_C(1000000000)

static const struct period {
	const char *name;
	int64_t ns;
} periods[] = {
	{ "second", SECOND_NS },
	{ "minute", 60 * SECOND_NS },
	{ "hour", 3600 * SECOND_NS },
	{ "day", 86400 * SECOND_NS },
};

#define PERIODS (sizeof(periods) / sizeof(periods[0]))

enum err rate_read(struct str text, struct policy_limit *ret)
{
	struct str number, period;
	uint64_t count;

	if (!str_cut(text, '/', &number, &period) || str_to_u64(number, &count) != OK)
		return ERR_SYNTAX;
	if (count > INT32_MAX)
		return ERR_RANGE;
	for (size_t i = 0; i < PERIODS; i++)
		if (str_is(period, periods[i].name)) {
			*ret = (struct policy_limit){ (uint32_t)count, periods[i].ns };
			return OK;
		}
	return ERR_SYNTAX;
}

void rate_write(struct buf *b, const struct policy_limit *limit)
{
	size_t i = 0;

	while (i < PERIODS && periods[i].ns != limit->period_ns)
		i++;
	MUST(i < PERIODS);
	buf_add_u64(b, limit->count);
	buf_add_byte(b, '/');
	buf_add_c(b, periods[i].name);
}
