/*
 * fuzz_mask: any bytes as a text, and as JSON. Masked twice is masked once; what is masked holds no
 * secret any more, by our own eyes and by those of regular expressions, which know nothing of our
 * tables; it is not longer than it may be; and who only looks sees the same as who masks.
 */
#include "engine/base/canon.h"
#include "engine/base/json.h"
#include "engine/mask/mask.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define TOKEN_BYTES 64

/* A few shapes, said in another way. */
static const char *const shapes[] = {
	"(^|[^A-Za-z0-9])(AKIA|ASIA)[A-Z0-9]{16}($|[^A-Za-z0-9])",
	"(^|[^A-Za-z0-9])gh[pousr]_[A-Za-z0-9]{36}",
	"(^|[^A-Za-z0-9])glpat-[A-Za-z0-9_-]{20}",
	"(^|[^A-Za-z0-9])[sr]k_(live|test)_[A-Za-z0-9]{10}",
	"-----BEGIN (RSA |EC )?PRIVATE KEY-----",
	"://[A-Za-z0-9]+:[A-Za-z0-9]+@",
	"[a-z]@[a-z]+\\.(com|org)($|[^A-Za-z0-9._-])",
};

#define SHAPES (sizeof(shapes) / sizeof(shapes[0]))

/* Made once: to make them takes longer than to use them. */
static struct {
	struct mask *mask, *eye;     /* the eye has no key */
	const struct regex *shapes[SHAPES];
	struct arena memory;
} tools;

static void make_tools(void)
{
	static const struct mask_terms terms = { .email = true, .phone = true };
	const uint8_t key[MASK_KEY_BYTES] = { 1 };

	if (tools.mask)
		return;
	MUST(crypto_start() == OK);
	arena_init(&tools.memory, 16u << 20);
	for (size_t i = 0; i < SHAPES; i++)
		MUST(regex_compile(str_view(shapes[i]), &tools.memory, &tools.shapes[i], NULL) ==
		     OK);
	MUST(mask_open(&terms, NULL, &tools.eye) == OK);
	MUST(mask_open(&terms, key, &tools.mask) == OK);
}

static void check_shapes(struct str text)
{
	for (size_t i = 0; i < SHAPES; i++)
		MUST(!regex_match(tools.shapes[i], text));
}

static void check_text(struct str text)
{
	const struct mask *m = tools.mask;
	struct mask_report r = { .arena = NULL };
	struct str masked = text, kind, again;
	bool seen = mask_looks(tools.eye, text, &kind);
	struct arena a;

	arena_init(&a, 64u << 20);
	r.arena = &a;
	MUST(mask_text(m, &masked, STR("t"), MASK_VALUES, &r) == OK);
	/* Who has no key believes every token; so it may see less, and never more. */
	MUST(!seen || r.count > 0);
	MUST(r.count > 0 || str_eq(masked, text));
	MUST(masked.len <= text.len + r.count * TOKEN_BYTES);
	again = masked;
	MUST(mask_text(m, &again, STR("t"), MASK_VALUES, &r) == OK);
	MUST(str_eq(again, masked));
	MUST(!mask_looks(m, masked, &kind));
	check_shapes(masked);
	arena_fini(&a);
}

static void write_canon(struct buf *b, const struct value *v)
{
	buf_init(b, LIMIT_BODY_BYTES);
	canon_value(b, v);
	MUST(b->err == OK);
}

static void check_tree(struct str text)
{
	const struct mask *m = tools.mask;
	struct mask_report r = { .arena = NULL };
	struct buf once, twice;
	struct arena a;
	struct value v;

	arena_init(&a, 256u << 20);
	r.arena = &a;
	if (json_read(text, 1, &a, &v, NULL) == OK &&
	    mask_value(m, &v, STR("t"), MASK_VALUES, &r) == OK) {
		write_canon(&once, &v);
		MUST(r.kept <= LIMIT_MASK_FOUND && r.kept <= r.count);
		MUST(mask_value(m, &v, STR("t"), MASK_VALUES, &r) == OK);
		write_canon(&twice, &v);
		MUST(str_eq(buf_view(&once), buf_view(&twice)));
		check_shapes(buf_view(&once));
		buf_fini(&once);
		buf_fini(&twice);
	}
	arena_fini(&a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	make_tools();
	check_text(str_slice(data, size));
	check_tree(str_slice(data, size));
	return 0;
}
