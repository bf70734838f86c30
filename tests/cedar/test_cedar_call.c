/* cedar_call: functions and methods. */
#include <criterion/criterion.h>

#include "engine/cedar/inside.h"
#include "tests/kit/cedar_scene.h"

static struct cedar_scene kit;

static void start(void)
{
	cedar_scene_init(&kit);
	cedar_scene_entities(&kit,
			     "[{'uid':{'type':'User','id':'ann'},'attrs':{'t':1},'tags':{'role':"
			     "'admin'}}]");
	cedar_scene_context(&kit,
			    "{'l':[1,'a',[2],{'k':1}],'few':[1],'none':[],'s':'1.2.3.4',"
			    "'max':{'__extn':{'fn':'duration','arg':'9223372036854775807ms'}},"
			    "'t':{'__extn':{'fn':'datetime','arg':'2024-05-06T07:08:09.010Z'}},"
			    "'old':{'__extn':{'fn':'datetime','arg':'1969-12-31T23:00:00Z'}}}");
}

static void stop(void)
{
	cedar_scene_fini(&kit);
}

TestSuite(cedar_call, .init = start, .fini = stop);

struct row {
	const char *condition, *outcome;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const char *outcome = cedar_scene_outcome(&kit, rows[i].condition);

		cr_assert(str_starts(str_view(outcome), str_view(rows[i].outcome)), "%s: %s",
			  rows[i].condition, outcome);
	}
}

#define CHECK(rows) check(rows, sizeof(rows) / sizeof((rows)[0]))

Test(cedar_call, sets)
{
	static const struct row rows[] = {
		{ "context.l.contains(\"a\")", "yes" },
		{ "context.l.contains([2])", "yes" },
		{ "context.l.contains({k: 1})", "yes" },
		{ "context.l.contains(2)", "no" },
		{ "context.s.contains(1)", "expected set, found string" },
		{ "context.l.containsAll([1, [2]])", "yes" },
		{ "context.l.containsAll([1, 2])", "no" },
		{ "context.l.containsAll(context.none)", "yes" },
		{ "context.l.containsAll(1)", "expected set, found long" },
		{ "context.l.containsAny([7, 8, 1])", "yes" },
		{ "context.few.containsAny(context.l)", "yes" },
		{ "context.l.containsAny([7, 8])", "no" },
		{ "context.none.containsAny(context.none)", "no" },
		{ "context.none.isEmpty()", "yes" },
		{ "context.few.isEmpty()", "no" },
		{ "principal.isEmpty()", "expected set, found entity" },
	};

	CHECK(rows);
}

Test(cedar_call, tags)
{
	static const struct row rows[] = {
		{ "principal.hasTag(\"role\")", "yes" },
		{ "principal.hasTag(\"t\")", "no" },
		{ "resource.hasTag(\"role\")", "no" },
		{ "principal.getTag(\"role\") == \"admin\"", "yes" },
		{ "principal.getTag(\"rule\") == 1",
		  "the entity User::\"ann\" has no tag \"rule\"" },
		{ "resource.getTag(\"role\") == 1", "the unknown entity Photo::\"p1\"" },
		{ "context.hasTag(\"role\")", "expected entity, found record" },
		{ "principal.hasTag(1)", "expected string, found long" },
		{ "resource.hasTag(1)", "expected string, found long" },
	};

	CHECK(rows);
}

Test(cedar_call, addresses)
{
	static const struct row rows[] = {
		{ "ip(context.s).isIpv4()", "yes" },
		{ "ip(\"::\").isIpv6() && !ip(\"::\").isIpv4()", "yes" },
		{ "ip(\"127.0.0.0/8\").isLoopback()", "yes" },
		{ "ip(\"127.0.0.0/7\").isLoopback()", "no" },
		{ "ip(\"128.0.0.1\").isLoopback()", "no" },
		{ "ip(\"::1\").isLoopback()", "yes" },
		{ "ip(\"::1/127\").isLoopback()", "no" },
		{ "ip(\"224.0.0.1\").isMulticast()", "yes" },
		{ "ip(\"239.255.255.255/4\").isMulticast()", "yes" },
		{ "ip(\"224.0.0.1/3\").isMulticast()", "no" },
		{ "ip(\"223.0.0.1\").isMulticast()", "no" },
		{ "ip(\"ff02::1\").isMulticast()", "yes" },
		{ "ip(\"fe02::1\").isMulticast()", "no" },
		{ "ip(\"10.0.0.1/24\").isInRange(ip(\"10.0.0.0/24\"))", "yes" },
		{ "ip(\"10.0.0.0/23\").isInRange(ip(\"10.0.0.0/24\"))", "no" },
		{ "ip(\"10.0.1.1\").isInRange(ip(\"10.0.0.0/23\"))", "yes" },
		{ "ip(\"10.0.2.1\").isInRange(ip(\"10.0.0.0/23\"))", "no" },
		{ "ip(\"1.2.3.4\").isInRange(ip(\"0.0.0.0/0\"))", "yes" },
		{ "ip(\"1.2.3.4\").isInRange(ip(\"::/0\"))", "no" },
		{ "ip(\"2001:db8::7\").isInRange(ip(\"2001:db8::/125\"))", "yes" },
		{ "ip(\"2001:db8::8\").isInRange(ip(\"2001:db8::/125\"))", "no" },
		{ "ip(\"1.2.3.4\").isInRange(\"1.2.3.4\")", "expected ipaddr, found string" },
		{ "context.s.isIpv4()", "expected ipaddr, found string" },
		{ "ip(1).isIpv4()", "expected string, found long" },
		{ "ip(\"nowhere\").isIpv4()", "ip(\"nowhere\"): expected an IPv4 or IPv6 address" },
	};

	CHECK(rows);
}

Test(cedar_call, decimals)
{
	static const struct row rows[] = {
		{ "decimal(\"1.0\").lessThan(decimal(\"1.0001\"))", "yes" },
		{ "decimal(\"1.0\").lessThan(decimal(\"1.0\"))", "no" },
		{ "decimal(\"1.0\").lessThanOrEqual(decimal(\"1.0\"))", "yes" },
		{ "decimal(\"-0.5\").greaterThan(decimal(\"0.0\"))", "no" },
		{ "decimal(\"2.0\").greaterThan(decimal(\"1.9999\"))", "yes" },
		{ "decimal(\"2.0\").greaterThanOrEqual(decimal(\"2.0001\"))", "no" },
		{ "decimal(\"2.0\").lessThan(2)", "expected decimal, found long" },
		{ "decimal(context.s) == 1", "decimal(\"1.2.3.4\"): expected a decimal like" },
	};

	CHECK(rows);
}

Test(cedar_call, dates_and_durations)
{
	static const struct row rows[] = {
		{ "context.t.toDate() == datetime(\"2024-05-06\")", "yes" },
		{ "context.t.toTime() == duration(\"7h8m9s10ms\")", "yes" },
		{ "context.old.toDate() == datetime(\"1969-12-31\")", "yes" },
		{ "context.old.toTime() == duration(\"23h\")", "yes" },
		{ "datetime(\"1969-12-31\").toTime() == duration(\"0ms\")", "yes" },
		{ "context.t.offset(duration(\"-1d\")).toDate() == datetime(\"2024-05-05\")",
		  "yes" },
		{ "context.old.durationSince(context.t) < duration(\"0ms\")", "yes" },
		{ "context.t.offset(context.max) == context.t", "offset: the result is beyond" },
		{ "datetime(\"1970-01-01\").offset(duration(\"-9223372036854775808ms\")).toDate() "
		  "== "
		  "context.t",
		  "toDate: the result is beyond" },
		{ "context.old.durationSince(datetime(\"1970-01-01\").offset(context.max)) == "
		  "context.max",
		  "durationSince: the result is beyond" },
		{ "context.t.durationSince(datetime(\"1970-01-01\").offset(duration(\""
		  "-9223372036854775808ms\"))) == context.max",
		  "durationSince: the result is beyond" },
		{ "context.t.offset(1) == context.t", "expected duration, found long" },
		{ "context.t.durationSince(duration(\"1d\")) == context.t",
		  "expected datetime, found duration" },
		{ "duration(\"1d\").toDate() == context.t", "expected datetime, found duration" },
		{ "duration(\"1d2h3m4s5ms\").toMilliseconds() == 93784005", "yes" },
		{ "duration(\"1d2h3m4s5ms\").toSeconds() == 93784", "yes" },
		{ "duration(\"1d2h3m4s5ms\").toMinutes() == 1563", "yes" },
		{ "duration(\"1d2h3m4s5ms\").toHours() == 26", "yes" },
		{ "duration(\"47h\").toDays() == 1", "yes" },
		{ "duration(\"-1500ms\").toSeconds() == -1", "yes" },
		{ "context.t.toSeconds() == 1", "expected duration, found datetime" },
	};

	CHECK(rows);
}

Test(cedar_call, a_wrong_number_of_arguments_is_an_error_when_it_is_reached)
{
	static const struct row rows[] = {
		{ "ip() == 1", "ip: found 0 arguments, expected 1" },
		{ "ip(\"::\", \"::\") == 1", "ip: found 2 arguments, expected 1" },
		{ "ip(\"::\").isInRange() == 1", "isInRange: found 1 arguments, expected 2" },
		{ "ip(\"::\").isInRange(1, 2, 3) == 1", "isInRange: found 4 arguments" },
		{ "true || ip() == 1", "yes" },
	};

	CHECK(rows);
}
