/*
 * shell_follow: from a simple command to all that it would run.
 *
 * A program that runs another is a row: which of its options have no value, which have one, how
 * many words stand before the other's name. An option that is not in the row could take the name
 * for its value or leave it alone, so it is refused.
 */
#include "engine/runtime/shell_parts.h"

#define NAMES_FIRST_ROOM 16

/* The program behind the options is the one that runs. */
static const struct runner {
	const char *name;
	const char *flags, *valued;           /* letters of options; long ones only with '=' */
	unsigned words;                       /* before the name */
	bool assigns;                         /* NAME=value may stand before the name */
} runners[] = {
	{ "env", "i0v", "uC", 0, true },
	{ "sudo", "AbEHnPkKS", "ughpCrtTUDR", 0, true },
	{ "doas", "nL", "uC", 0, false },
	{ "nohup", "", "", 0, false },
	{ "setsid", "cfw", "", 0, false },
	{ "nice", "0123456789", "n", 0, false },
	{ "ionice", "t", "cn", 0, false },
	{ "time", "pvaq", "fo", 0, false },
	{ "timeout", "v", "ks", 1, false },
	{ "stdbuf", "", "ioe", 0, false },
	{ "xargs", "0rtpxo", "aEILnPsd", 0, false },
	{ "busybox", "", "", 0, false },
	{ "toybox", "", "", 0, false },
	{ "command", "pvV", "", 0, false },
	{ "builtin", "", "", 0, false },
	{ "exec", "cl", "a", 0, false },
	{ "chroot", "", "", 1, false },
	{ "taskset", "a", "", 1, false },
	{ "flock", "suxneo", "wE", 1, false },
	{ "strace", "fqtrTvxy", "eopsuP", 0, false },
	{ "unshare", "muipnUfrc", "", 0, false },
	{ "catchsegv", "", "", 0, false },
	{ "linux32", "", "", 0, false },
	{ "linux64", "", "", 0, false },
};

static const char *const shells[] = {
	"sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "rbash", NULL,
};
/* What is run is a text that is put together, or stands elsewhere. */
static const char *const hiders[] = {
	"eval", "source", ".", "alias", "trap", "parallel", "su", "runuser", "script", "watch",
	"fc", "bind", "enable", "fish", "csh", "tcsh", "at", "batch", "crontab", "systemd-run",
	NULL,
};
static const char *const awks[] = { "awk", "gawk", "mawk", "nawk", "original-awk", NULL };
/* Who sets these decides what a name means. */
static const char *const meddlers[] = {
	"PATH", "IFS", "ENV", "BASH_ENV", "SHELLOPTS", "BASHOPTS", "PROMPT_COMMAND", "PS4", NULL,
};

static bool is_listed(struct str name, const char *const *list)
{
	for (; *list; list++)
		if (shell_is(name, str_view(*list)))
			return true;
	return false;
}

static char lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool same(struct str a, struct str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (lower(a.ptr[i]) != lower(b.ptr[i]))
			return false;
	return true;
}

static bool is_version(char c)
{
	return (c >= '0' && c <= '9') || c == '.' || c == '-';
}

bool shell_is(struct str base, struct str name)
{
	struct str ending = str_slice(base.ptr + (base.len > 4 ? base.len - 4 : 0),
				      base.len > 4 ? 4 : 0);

	if (same(ending, STR(".exe")))
		base.len -= 4;
	while (!same(base, name)) {
		if (base.len <= 1 || !is_version(base.ptr[base.len - 1]))
			return false;
		base.len--;
	}
	return base.len > 0;
}

/* A name that a shell and everybody else reads alike. */
static bool is_plain(struct str name)
{
	if (str_is(name, "[") || str_is(name, ":") || str_is(name, "."))
		return true;
	for (size_t i = 0; i < name.len; i++) {
		char c = lower(name.ptr[i]);

		if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && !strchr("._+-/~%,@:", c))
			return false;
	}
	return name.len > 0;
}

static struct str base_of(struct str path)
{
	size_t at = path.len;

	while (at > 0 && path.ptr[at - 1] != '/')
		at--;
	return str_slice(path.ptr + at, path.len - at);
}

static enum err grow(struct shell *sh, size_t room, struct str **list)
{
	struct str *grown = arena_array(sh->arena, room, sizeof(*grown));

	if (!grown)
		return ERR_MEMORY;
	if (sh->names.count)
		memcpy(grown, *list, sh->names.count * sizeof(*grown));
	*list = grown;
	return OK;
}

static enum err add_name(struct shell *sh, struct str name, struct str written)
{
	if (sh->names.count == sh->room) {
		size_t room = sh->room ? 2 * sh->room : NAMES_FIRST_ROOM;

		TRY(grow(sh, room, &sh->names.list));
		TRY(grow(sh, room, &sh->names.written));
		sh->room = room;
	}
	sh->names.written[sh->names.count] = written;
	sh->names.list[sh->names.count++] = name;
	return OK;
}

/* --- what stands before a name --- */

/* The length of NAME in NAME=value or NAME+=value; 0: it is none. */
static size_t assigned(struct str word)
{
	size_t at = 0;

	while (at < word.len && (lower(word.ptr[at]) == '_' ||
				 (lower(word.ptr[at]) >= 'a' && lower(word.ptr[at]) <= 'z') ||
				 (at > 0 && word.ptr[at] >= '0' && word.ptr[at] <= '9')))
		at++;
	if (at == 0 || at >= word.len)
		return 0;
	if (word.ptr[at] == '=' || (word.ptr[at] == '+' && at + 1 < word.len &&
				    word.ptr[at + 1] == '='))
		return at;
	return 0;
}

/* Skip assignments; those that change what names mean are refused. */
static enum err skip_assignments(struct shell *sh, const struct shell_word *words, size_t count,
				 size_t *at)
{
	for (size_t len; *at < count && (len = assigned(words[*at].text)) > 0; (*at)++) {
		struct str name = str_slice(words[*at].text.ptr, len);

		for (const char *const *m = meddlers; *m; m++)
			if (str_is(name, *m))
				return shell_refuse(sh, "it changes what names mean:", name);
		if (str_starts(name, STR("LD_")) || str_starts(name, STR("DYLD_")))
			return shell_refuse(sh, "it changes what programs do:", name);
	}
	return OK;
}

/* -abc: flags, and maybe one with a value, which is the rest or the next word. */
static enum err skip_cluster(struct shell *sh, const struct runner *r, struct str option,
			     size_t *at)
{
	for (size_t i = 1; i < option.len; i++) {
		if (strchr(r->valued, option.ptr[i])) {
			*at += i + 1 == option.len;
			return OK;
		}
		if (!strchr(r->flags, option.ptr[i]))
			return shell_refuse(sh, "an option that is not known here:", option);
	}
	return OK;
}

static enum err skip_options(struct shell *sh, const struct runner *r,
			     const struct shell_word *words, size_t count, size_t *at)
{
	for (; *at < count; (*at)++) {
		struct str word = words[*at].text;

		if (words[*at].opaque)
			return shell_refuse(sh, "it hides what runs behind", str_view(r->name));
		if (str_is(word, "--")) {
			(*at)++;
			return OK;
		}
		if (word.len < 2 || word.ptr[0] != '-')
			return OK;
		if (word.ptr[1] != '-')
			TRY(skip_cluster(sh, r, word, at));
		else if (!memchr(word.ptr, '=', word.len) ||
			 str_starts(word, STR("--split-string")))
			return shell_refuse(sh, "an option that is not known here:", word);
	}
	return OK;
}

/* --- what runs others --- */

static enum err follow_runner(struct shell *sh, const struct runner *r,
			      const struct shell_word *words, size_t count)
{
	size_t at = 0;

	TRY(skip_options(sh, r, words, count, &at));
	if (r->assigns)
		TRY(skip_assignments(sh, words, count, &at));
	at += r->words;
	return at < count ? shell_follow(sh, words + at, count - at) : OK;
}

/* -c and a text is read; everything else comes from where nobody can look. */
static enum err follow_shell(struct shell *sh, struct str name, const struct shell_word *words,
			     size_t count)
{
	size_t at = 0;

	while (at + 1 < count && (str_is(words[at].text, "-e") || str_is(words[at].text, "-x") ||
				  str_is(words[at].text, "-u")))
		at++;
	if (at + 1 >= count || words[at].opaque || words[at + 1].opaque ||
	    !(str_is(words[at].text, "-c") || str_is(words[at].text, "-ec") ||
	      str_is(words[at].text, "-lc")))
		return shell_refuse(sh, "a shell that reads its commands from elsewhere:", name);
	return shell_read_inner(sh, words[at + 1].text);
}

static enum err follow_find(struct shell *sh, const struct shell_word *words, size_t count)
{
	static const char *const runs[] = { "-exec", "-execdir", "-ok", "-okdir", NULL };

	for (size_t i = 0; i < count; i++) {
		if (words[i].opaque && words[i].text.len == 0)
			return shell_refuse(sh, "it hides what runs behind", STR("find"));
		if (str_listed(words[i].text, runs) && i + 1 < count)
			TRY(shell_follow(sh, words + i + 1, count - i - 1));
	}
	return OK;
}

/* Its programs can run others: by system, by a pipe, or from a file. */
static enum err follow_awk(struct shell *sh, const struct shell_word *words, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		struct str word = words[i].text;

		if (words[i].opaque || str_has(word, STR("system")) || str_has(word, STR("|")) ||
		    str_has(word, STR("@")) || str_starts(word, STR("-f")) ||
		    str_starts(word, STR("--")) || str_starts(word, STR("-E")))
			return shell_refuse(sh, "a program of awk that may run others:", word);
	}
	return OK;
}

static enum err follow_name(struct shell *sh, struct str name, const struct shell_word *rest,
			    size_t count)
{
	if (is_listed(name, hiders))
		return shell_refuse(sh, "it hides what runs:", name);
	if (is_listed(name, shells))
		return follow_shell(sh, name, rest, count);
	if (shell_is(name, STR("find")))
		return follow_find(sh, rest, count);
	if (is_listed(name, awks))
		return follow_awk(sh, rest, count);
	for (size_t i = 0; i < sizeof(runners) / sizeof(runners[0]); i++)
		if (shell_is(name, str_view(runners[i].name)))
			return follow_runner(sh, &runners[i], rest, count);
	return OK;
}

enum err shell_follow(struct shell *sh, const struct shell_word *words, size_t count)
{
	struct str name;
	size_t at = 0;
	enum err e;

	TRY(skip_assignments(sh, words, count, &at));
	if (at == count)
		return OK;
	if (words[at].opaque || !is_plain(words[at].text))
		return shell_refuse(sh, "it hides which command runs:", words[at].text);
	name = base_of(words[at].text);
	if (name.len == 0)
		return shell_refuse(sh, "a folder is no command:", words[at].text);
	TRY(add_name(sh, name, words[at].text));
	if (++sh->depth > LIMIT_COMMAND_DEPTH)
		return shell_refuse(sh, "it nests too deep", STR_NONE);
	e = follow_name(sh, name, words + at + 1, count - at - 1);
	sh->depth--;
	return e;
}
