/* inside: what the files of engine/mask share. */
#ifndef TRAMMEL_MASK_INSIDE_H
#define TRAMMEL_MASK_INSIDE_H

#include "engine/mask/mask.h"

#define KIND_BYTES LIMIT_MASK_KIND_BYTES

/* --- what is looked for --- */

/* How a secret is spelt for its token, so that one secret has one token. */
enum spelling {
	AS_IT_IS = 0,
	ONLY_DIGITS,                 /* a card: 4111 1111 ... is 4111-1111-... */
	NO_BREAKS,                   /* a key in lines: without white space, real or escaped */
};

/* A secret within a text; the end is behind it. */
struct span {
	size_t begin, end;
	struct str kind;
	enum spelling spelling;
	bool skip;                   /* no secret, but nothing else either: go on behind it */
};

/* A place of a text where a detector may see something. */
struct looking {
	const struct mask *mask;
	struct str text;
	size_t from;                 /* what lies before is masked already */
	size_t at;                   /* of the bytes that set it off */
};

/* Nothing is found twice in a text: a detector takes time by what it finds or by a constant. */
typedef bool detector(const struct looking *l, struct span *ret);

/* One bit a detector; the tables of the scan say for three bytes who may want to see them. */
enum detector_bit {
	SEE_TOKEN = 0, SEE_PEM, SEE_JWT, SEE_URL, SEE_CREDENTIAL, SEE_HOOK, SEE_AZURE, SEE_TELEGRAM,
	SEE_CARD, SEE_EMAIL, SEE_PHONE, SEE_ASSIGNED, SEE_FLAG,
	SEE_VENDOR,                  /* this bit and all above: rows of the vendors' table */
	SEE_BITS = 32
};

#define SEE(bit) (UINT32_C(1) << (bit))
#define SEE_VENDORS (UINT32_MAX << SEE_VENDOR)
/* Shapes of secrets alone, without what a name in the text says about what follows it. */
#define SEE_SHAPES (~(SEE(SEE_ASSIGNED) | SEE(SEE_FLAG) | SEE(SEE_CREDENTIAL)))

struct mask {
	struct mask_terms terms;
	uint32_t first[256], second[256], third[256];
	bool has_key;
	uint8_t key[MASK_KEY_BYTES];
};

/* --- mask_scan: one text --- */

/* Fill the tables for these terms. */
void scan_prepare(struct mask *m);
/* The next secret at or behind `from`, among `bits`; false at the end. */
bool scan_next(const struct mask *m, struct str text, size_t from, uint32_t bits,
	       struct span *ret);
/*
 * A part of a text that its surroundings say is secret: of the kind that its own shape has, if that
 * is all of it, else of `kind`. False when there is nothing, or what is there was masked before.
 */
bool scan_part(const struct looking *l, size_t begin, size_t end, struct str kind,
	       struct span *ret);
/* No letter or digit stands right before; what an escape like \n or %0A ends with is none. */
bool scan_edge(struct str text, size_t at);

static inline bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static inline bool is_letter(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline bool is_word(char c)
{
	return is_digit(c) || is_letter(c);
}

static inline char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

/* Of base64url, and of most tokens. */
static inline bool is_url64(char c)
{
	return is_word(c) || c == '_' || c == '-';
}

/* --- mask_vendor: tokens that begin with their maker's mark --- */

void vendor_prepare(struct mask *m);
/* Is it the kind of one of them? */
bool vendor_has_kind(struct str kind);
/* The rows that go by any of these bits. */
bool vendor_see(const struct looking *l, uint32_t bits, struct span *ret);

/* --- mask_shape, mask_card, mask_person, mask_assigned: one detector each --- */

bool see_token(const struct looking *l, struct span *ret);
bool see_pem(const struct looking *l, struct span *ret);
bool see_jwt(const struct looking *l, struct span *ret);
bool see_url(const struct looking *l, struct span *ret);
bool see_credential(const struct looking *l, struct span *ret);
bool see_hook(const struct looking *l, struct span *ret);
bool see_azure(const struct looking *l, struct span *ret);
bool see_telegram(const struct looking *l, struct span *ret);
bool see_card(const struct looking *l, struct span *ret);
bool see_email(const struct looking *l, struct span *ret);
bool see_phone(const struct looking *l, struct span *ret);
bool see_assigned(const struct looking *l, struct span *ret);
bool see_flag(const struct looking *l, struct span *ret);
/* A whole text under the name of an authorization, that begins with a scheme; skip: all done. */
bool see_authorization(const struct looking *l, struct span *ret);

/* Are these digits, and nothing else, a card's number: a known issuer, its lengths, Luhn? */
bool card_ok(struct str digits);
/* The 40 characters that are the secret of an AWS key, at or behind `from`. */
bool aws_secret_next(struct str text, size_t from, struct span *ret);

/* --- mask_name: names whose values are secrets --- */

/* The kind of what stands under that name; ptr NULL: nothing. `text`: it was met in a text. */
struct str name_kind(const struct mask *m, struct str name, bool text);

/* Is it the kind of what stands under one of our names? */
bool name_has_kind(struct str kind);

/* --- mask_beside: names that stand beside their values --- */

/* The kind of an item by the text before it (ptr NULL: none is); ptr NULL: nothing. */
struct str beside_item(const struct mask *m, const struct value_list *list, size_t index,
		       struct str before);
/* Is it the option of curl behind which user:password stands? */
bool beside_is_login(struct str before);
/* The kind that a member names for those of which beside_is_value; ptr NULL: nothing. */
struct str beside_members(const struct mask *m, const struct value_object *object);
bool beside_is_value(struct str key);

/* --- mask_token: what takes a secret's place --- */

void token_write(const struct mask *m, struct buf *b, struct str secret, const struct span *s);
/* A token's length at the start of `text`, 0 for none; *ours: this mask made it. */
size_t token_read(const struct mask *m, struct str text, bool *ours);

#endif
