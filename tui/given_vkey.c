/* given_vkey: verifier keys on the command line. */
#include "tui/given_vkey.h"

#include "engine/base/limits.h"

/* The option's value, or what the file of that name holds. */
static enum err given_words(const struct invocation *in, enum option o, struct arena *a,
			    struct str *ret)
{
	struct note_key key;

	*ret = str_view(in->values[o]);
	if (note_key_read(*ret, &key) == OK)
		return OK;
	return world_read_file(in->world, in->values[o], LIMIT_NOTE_BYTES, a, ret);
}

enum err given_vkey(const struct invocation *in, struct arena *a, struct note_key *ret,
		    struct note *n)
{
	struct str text;
	enum err e = given_words(in, OPT_VKEY, a, &text);

	if (e == OK)
		e = note_key_read(str_trim(text), ret);
	if (e == OK && ret->cosigner)
		return note_set(n, ERR_TYPE, 0, 0,
				"--vkey '%.*s' is the key of a witness; expected that of a log",
				STR_ARG(ret->name));
	if (e == OK)
		return OK;
	return note_set(
		n, e, 0, 0,
		"--vkey '%s' is neither a verifier key (NAME+ID+BASE64) nor a file that holds one",
		in->values[OPT_VKEY]);
}

enum err given_log_keys(const struct invocation *in, struct arena *a, struct succession *ret,
			struct note *n)
{
	const char *path = in->values[OPT_ROTATIONS];
	struct note_key *key = arena_array(a, 1, sizeof(*key));
	struct str text = STR("");
	enum err e;

	if (!key)
		return ERR_MEMORY;
	TRY(given_vkey(in, a, key, n));
	if (path) {
		e = world_read_file(in->world, path, LIMIT_ROTATIONS_BYTES, a, &text);
		if (e != OK)
			return print_unread(n, e, path);
	}
	e = succession_read(text, key, 1, a, ret, n);
	if (e != OK)
		note_file(n, path);
	return e;
}

/* One person with two names must not count for two. */
static bool is_among(const struct note_key *keys, size_t count, const struct note_key *key)
{
	for (size_t i = 0; i < count; i++)
		if (crypto_equal(keys[i].key.bytes, key->key.bytes, sizeof(key->key.bytes)))
			return true;
	return false;
}

static enum err read_witness(struct str line, struct note_key *keys, size_t *count, struct note *n)
{
	struct note_key key;
	enum err e = note_key_read(line, &key);

	if (e != OK || !key.cosigner)
		return note_set(n, e != OK ? e : ERR_TYPE, 0, 0,
				"'%.*s' is not the verifier key of a witness (NAME+ID+BASE64 of "
				"type 4)",
				STR_ARG(line));
	if (is_among(keys, *count, &key))
		return note_set(n, ERR_DUPLICATE, 0, 0, "the key of witness %.*s is given twice",
				STR_ARG(key.name));
	if (*count == LIMIT_WITNESSES)
		return note_set(n, ERR_LIMIT, 0, 0, "more than %d witnesses", LIMIT_WITNESSES);
	keys[(*count)++] = key;
	return OK;
}

enum err given_witnesses(const struct invocation *in, struct arena *a, struct note_key *keys,
			 size_t *count, struct note *n)
{
	struct str text, line;
	enum err e = OK;
	bool more = true;

	*count = 0;
	if (!given(in, OPT_WITNESS))
		return OK;
	e = given_words(in, OPT_WITNESS, a, &text);
	if (e != OK)
		return note_set(n, e, 0, 0,
				"--witness '%s' is neither the verifier key of a witness "
				"(NAME+ID+BASE64) nor a file with one a line",
				in->values[OPT_WITNESS]);
	while (e == OK && more) {
		struct str rest = STR("");

		more = str_cut(text, '\n', &line, &rest);
		if (!more)
			line = text;
		line = str_trim(line);
		if (line.len > 0)
			e = read_witness(line, keys, count, n);
		text = rest;
	}
	if (e == OK && *count == 0)
		e = note_set(n, ERR_SYNTAX, 0, 0, "--witness '%s' holds no key",
			     in->values[OPT_WITNESS]);
	return e;
}

enum err given_quorum(const struct invocation *in, struct arena *a, struct note_key *keys,
		      struct log_demand *ret, struct note *n)
{
	const char *quorum = in->values[OPT_QUORUM];
	uint64_t least = 1;
	size_t count;

	TRY(given_witnesses(in, a, keys, &count, n));
	if (quorum && count == 0)
		return note_set(n, ERR_USAGE, 0, 0, "--quorum needs --witness");
	if (quorum && (str_to_u64(str_view(quorum), &least) != OK || least == 0 || least > count))
		return note_set(n, ERR_USAGE, 0, 0,
				"--quorum is '%s'; expected 1 to %zu, the number of witnesses",
				quorum, count);
	ret->witnesses = keys;
	ret->witness_count = count;
	ret->quorum = count > 0 ? least : 0;
	return OK;
}
