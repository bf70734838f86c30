/*
 * create: a new workspace. trammel.yaml is written last: a folder is a workspace only when
 * everything else is there. When a part cannot be made, those before it are taken away again, the
 * last one first, and nothing else is.
 */
#include "engine/space/inside.h"

static const char starting_policy[] =
	"# The starting policy of this workspace: everything is denied until a rule allows it.\n"
	"#\n"
	"# Rules are tried by priority (higher first), then in order; the first that matches\n"
	"# decides. Conditions see agent.*, action.type, action.*, resource, args.*, session.*;\n"
	"# the language is described in docs/formats/policy.md.\n"
	"#\n"
	"# All *.yaml files in this folder form the bundle. This one stays in force beside the\n"
	"# others: replace it, or it denies what they do not decide.\n"
	"apiVersion: governance.toolkit/v1\n"
	"name: starting-policy\n"
	"description: Deny by default. Add a rule for each thing your agents may do.\n"
	"default_action: deny\n"
	"\n"
	"# Agents that were never registered are denied before any rule is tried. To let the rules "
	"decide:\n"
	"# unknown_agents: evaluate\n"
	"\n"
	"# Agents that are created here need a sponsor, a person who answers for them. To do "
	"without:\n"
	"# require_sponsor: false\n"
	"\n"
	"rules: []\n"
	"# rules:\n"
	"#   - name: read-only-tools\n"
	"#     tools: [get_*, list_*, search_*]\n"
	"#     action: allow\n"
	"#   - name: small-payments\n"
	"#     tools: [send_payment]\n"
	"#     condition: args.amount <= 50 and args.currency in [\"EUR\", \"USD\"]\n"
	"#     action: allow\n"
	"#   - name: large-payments\n"
	"#     tools: [send_payment]\n"
	"#     condition: args.amount > 50\n"
	"#     action: require_approval\n"
	"#     approvers: [finance]\n"
	"#     priority: 10\n";

/* As well as it goes: the failure that leads here is the one to be told. */
static void remove_file(struct world *w, const char *path)
{
	enum err ignored = world_unlink(w, path);

	(void)ignored;
}

static void remove_folder(struct world *w, const char *path)
{
	enum err ignored = world_rmdir(w, path);

	(void)ignored;
}

/* The folder itself: missing (then `*made`) or empty. */
static enum err claim_folder(struct world *w, const char *dir, bool *made, struct note *n)
{
	enum world_kind kind;
	struct arena a;
	struct str *names;
	size_t count;
	enum err e;

	TRY(world_kind(w, dir, &kind));
	if (kind == WORLD_NOTHING) {
		e = world_mkdir(w, dir);
		*made = e == OK;
		if (e == OK)
			e = world_sync_parent(w, dir);
		if (e == ERR_NOT_FOUND)
			return note_set(n, e, 0, 0, "the folder cannot be made: the one that shall "
					"hold it is not there");
		return e == OK ? OK : note_set(n, e, 0, 0, "the folder cannot be made: %s",
					       err_text(e));
	}
	if (kind != WORLD_FOLDER)
		return note_set(n, ERR_EXISTS, 0, 0, "it exists and is not a folder");
	arena_init(&a, SPACE_MEMORY);
	e = world_list(w, dir, &a, &names, &count);
	arena_fini(&a);
	if (e == OK && count > 0)
		return note_set(n, ERR_EXISTS, 0, 0, "the folder is not empty; choose a new one");
	return e;
}

/* --- the parts of a workspace --- */

struct making {
	struct world *w;
	struct str origin;
	struct sign_key *key;
};

static enum err make_folder(const struct making *m, const char *path)
{
	return world_mkdir(m->w, path);
}

static enum err make_policy(const struct making *m, const char *path)
{
	return world_replace_file(m->w, path, str_view(starting_policy));
}

static enum err make_key(const struct making *m, const char *path)
{
	return pem_write_file(m->w, path, m->key);
}

enum err space_write_vkey(struct world *w, const char *path, const struct note_key *key)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_NOTE_BYTES);
	note_key_write(&b, key);
	buf_add_byte(&b, '\n');
	e = b.err == OK ? world_replace_file(w, path, buf_view(&b)) : b.err;
	buf_fini(&b);
	return e;
}

static enum err make_vkey(const struct making *m, const char *path)
{
	struct public_key pub = sign_key_public(m->key);
	struct note_key key = note_key_of(m->origin, &pub, false);

	return space_write_vkey(m->w, path, &key);
}

static enum err make_mask_key(const struct making *m, const char *path)
{
	uint8_t key[MASK_KEY_BYTES];
	struct buf b;
	enum err e = world_entropy(m->w, key, sizeof(key));

	buf_init(&b, LIMIT_KEY_BYTES);
	buf_add_hex(&b, key, sizeof(key));
	buf_add_byte(&b, '\n');
	if (e == OK)
		e = b.err == OK ? world_replace_file(m->w, path, buf_view(&b)) : b.err;
	crypto_wipe_buf(&b);
	crypto_wipe(key, sizeof(key));
	return e;
}

static enum err make_log(const struct making *m, const char *path)
{
	return log_create(m->w, path, m->origin, m->key);
}

static enum err make_config(const struct making *m, const char *path)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_NOTE_BYTES);
	buf_addf(&b, "# A trammel workspace. The log under log/ is the truth; state/ can be "
		     "rebuilt from it.\n"
		     "format: %s\n"
		     "\n"
		     "# Name of the log in checkpoints and proofs. It is part of every entry: do "
		     "not change it.\n"
		     "origin: \"%.*s\"\n"
		     "\n"
		     "# Steps between two snapshots of the governance state.\n"
		     "snapshot_interval: %d\n"
		     "\n"
		     "# Secrets are masked before anything is recorded. Mail addresses and phone "
		     "numbers only if you say so:\n"
		     "# mask: {email: true, phone: true}\n",
		 SPACE_FORMAT, STR_ARG(m->origin), SPACE_SNAPSHOT_INTERVAL);
	e = b.err == OK ? world_replace_file(m->w, path, buf_view(&b)) : b.err;
	buf_fini(&b);
	return e;
}

/* In the order in which they are made. */
static const struct part {
	const char *name;
	enum err (*make)(const struct making *m, const char *path);
	void (*remove)(struct world *w, const char *path);
} parts[] = {
	{ "policies", make_folder, remove_folder },
	{ "keys", make_folder, remove_folder },
	{ "keys/agents", make_folder, remove_folder },
	{ "blob", make_folder, remove_folder },
	{ "state", make_folder, remove_folder },
	{ "policies/policy.yaml", make_policy, remove_file },
	{ "keys/log.pem", make_key, remove_file },
	{ "keys/log.vkey", make_vkey, remove_file },
	{ "keys/mask.key", make_mask_key, remove_file },
	{ "log", make_log, log_remove },
	{ "trammel.yaml", make_config, remove_file },
};

static void unmake(struct world *w, const char *dir, size_t made)
{
	char path[LIMIT_PATH_BYTES];

	while (made-- > 0)
		if (world_join(path, sizeof(path), dir, parts[made].name) == OK)
			parts[made].remove(w, path);
}

/*
 * All parts or none. One that failed may be there in part, or whole with its last sync failed; only
 * where ERR_EXISTS says so it is somebody else's and stays.
 */
static enum err make_parts(const struct making *m, const char *dir)
{
	char path[LIMIT_PATH_BYTES];

	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		enum err e = world_join(path, sizeof(path), dir, parts[i].name);

		if (e == OK)
			e = parts[i].make(m, path);
		if (e != OK) {
			unmake(m->w, dir, e == ERR_EXISTS ? i : i + 1);
			return e;
		}
	}
	return OK;
}

enum err space_create(struct world *w, const char *dir, struct str origin, struct note *n)
{
	struct making m = { w, origin, NULL };
	bool made = false;
	enum err e;

	note_file(n, dir);
	if (!entry_log_ok(origin) || !agent_name_ok(origin))
		return note_set(n, ERR_SYNTAX, 0, 0, "origin '%.*s': " SPACE_ORIGIN_RULE,
				STR_ARG(origin));
	TRY(sign_key_make(w, &m.key));
	e = claim_folder(w, dir, &made, n);
	if (e == OK) {
		e = make_parts(&m, dir);
		if (e != OK)
			(void)note_set(n, e, 0, 0, "the workspace could not be made: %s",
				       err_text(e));
	}
	sign_key_close(m.key);
	if (e != OK && made)
		remove_folder(w, dir);
	return e;
}
