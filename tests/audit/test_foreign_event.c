/* Signed events of the toolkit; more of them are in the suite. */
#include <criterion/criterion.h>

#include "engine/audit/foreign_event.h"
#include "engine/base/json.h"
#include "tests/kit/fail_alloc.h"

#define KEY "0123456789abcdef0123456789abcdef"
/* Recorded: a float with no fraction, a letter and a sign beyond ASCII. */
#define EVENT(decision, extra)                                                                   \
	"{\"specversion\":\"1.0\",\"id\":\"e2\",\"type\":\"ai.agentos.policy.violation\","        \
	"\"source\":\"/src\",\"time\":\"2026-01-02T03:04:05+00:00\","                            \
	"\"datacontenttype\":\"application/json\",\"data\":{\"decision\":\"" decision "\","       \
	"\"extra\":[1,null],\"action\":\"act\",\"reason\":\"\xc3\xa9\xf0\x9f\x98\x80\","          \
	"\"severity\":\"high\",\"latency_ms\":0.25,\"resource\":\"r\",\"policy_name\":\"p\","     \
	"\"agent_id\":\"a\",\"agent_did\":\"did:web:a\"},\"schemaversion\":\"1\","                \
	"\"sessionid\":\"s\",\"traceid\":\"t\",\"spanid\":\"sp\",\"parentspanid\":\"ps\","        \
	"\"agtsignaturealg\":\"HMAC-SHA256\"" extra "}"
#define SIGNED ",\"agtsignature\":\"irQOZkBqGX0/26xU0Yui1x9oR7ZTLpBoiuB1SUSAQ1o=\""

static enum err check(const char *json, const char *key)
{
	struct arena a;
	struct value v;
	struct buf b;
	enum err e;

	arena_init(&a, 1u << 20);
	buf_init(&b, 1u << 16);
	cr_assert_eq(crypto_start(), OK);
	cr_assert_eq(json_read(str_view(json), 1, &a, &v, NULL), OK);
	e = foreign_event_check(&v, str_view(key), &b);
	buf_fini(&b);
	arena_fini(&a);
	return e;
}

Test(foreign_event, a_signature_holds_for_its_event_and_key_alone)
{
	cr_expect_eq(check(EVENT("deny", SIGNED), KEY), OK);
	cr_expect_eq(check(EVENT("allow", SIGNED), KEY), ERR_SIGNATURE);
	cr_expect_eq(check(EVENT("deny", SIGNED), "another key"), ERR_SIGNATURE);
	cr_expect_eq(check(EVENT("deny", SIGNED ",\"x\":1"), KEY), ERR_SIGNATURE);
	cr_expect_eq(check(EVENT("deny", ""), KEY), ERR_UNKNOWN);
	cr_expect_eq(check(EVENT("deny", ",\"agtsignature\":1"), KEY), ERR_SIGNATURE);
	cr_expect_eq(check(EVENT("deny", ",\"agtsignature\":\"AAAA\""), KEY), ERR_SIGNATURE);
}
