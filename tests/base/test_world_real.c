/* world_real: the machine, under a temporary folder; and the simulated disk agrees with it. */
#include <criterion/criterion.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "engine/base/limits.h"
#include "engine/base/world_real.h"
#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

static struct world real, *w = &real;
static char folder[64];

static void setup(void)
{
	real = world_real();
	(void)snprintf(folder, sizeof(folder), "/tmp/trammel-test-XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void teardown(void)
{
	char command[128];

	cr_assert_eq(chdir("/"), 0);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", folder);
	cr_assert_eq(system(command), 0);
}

TestSuite(world_real, .init = setup, .fini = teardown);

static int opened(const char *path, enum world_open how)
{
	int fd = -1;

	cr_assert_eq(world_open(w, path, how, &fd), OK, "%s", path);
	return fd;
}

Test(world_real, new_files_and_folders_are_private_and_not_inherited)
{
	struct stat st;
	int fd;

	(void)umask(0);
	fd = opened("f", WORLD_CREATE_NEW);
	cr_assert(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 0600);
	cr_assert(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	cr_assert_eq(world_mkdir(w, "d"), OK);
	cr_assert(stat("d", &st) == 0 && (st.st_mode & 07777) == 0700);
	cr_assert_eq(world_close(w, fd), OK);
}

/* Root may do everything, so the test is nobody for a while. */
Test(world_real, what_is_not_permitted_is_told_as_such)
{
	bool root = geteuid() == 0;
	enum err opening, making;
	int fd;

	cr_assert_eq(world_close(w, opened("f", WORLD_CREATE)), OK);
	cr_assert(chmod("f", 0) == 0 && chmod(".", 0555) == 0);
	cr_assert(!root || seteuid(65534) == 0);
	opening = world_open(w, "f", WORLD_READ, &fd);
	making = world_mkdir(w, "d");
	cr_assert(!root || seteuid(0) == 0);
	cr_assert(chmod(".", 0700) == 0);
	cr_assert_eq(opening, ERR_ACCESS, "%s", err_name(opening));
	cr_assert_eq(making, ERR_ACCESS, "%s", err_name(making));
	cr_assert_str_eq(err_text(ERR_ACCESS), "permission denied");
	cr_assert_eq(err_exit(ERR_ACCESS), err_exit(ERR_IO));
}

Test(world_real, a_link_is_never_followed)
{
	enum world_kind kind;
	int fd = opened("f", WORLD_CREATE);

	cr_assert_eq(world_close(w, fd), OK);
	cr_assert_eq(symlink("f", "link"), 0);
	cr_assert_eq(symlink(".", "folder"), 0);
	cr_assert_eq(symlink("nowhere", "loose"), 0);
	cr_assert_eq(world_open(w, "link", WORLD_READ, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, "loose", WORLD_CREATE, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, "loose", WORLD_CREATE_NEW, &fd), ERR_EXISTS);
	cr_assert_eq(world_sync_folder(w, "folder"), ERR_TYPE);
	cr_assert(world_kind(w, "link", &kind) == OK && kind == WORLD_OTHER);
	cr_assert_eq(access("nowhere", F_OK), -1);
	cr_assert_eq(world_replace_file(w, "link", STR("own")), OK, "the link itself is replaced");
	cr_assert(world_kind(w, "link", &kind) == OK && kind == WORLD_FILE);
}

Test(world_real, what_is_no_regular_file_is_refused_without_waiting)
{
	int fd = -1;

	cr_assert_eq(mkfifo("pipe", 0600), 0);
	cr_assert_eq(world_open(w, "pipe", WORLD_READ, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, "pipe", WORLD_WRITE, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, "pipe", WORLD_CREATE, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, ".", WORLD_READ, &fd), ERR_TYPE);
	cr_assert_eq(world_open(w, "/dev/null", WORLD_READ, &fd), ERR_TYPE);
	cr_assert_eq(fd, -1);
}

Test(world_real, descriptor_0_reads_a_pipe_in_portions)
{
	char bytes[8];
	int ends[2];
	size_t got;

	cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
	cr_assert_eq(dup2(ends[0], 0), 0);
	cr_assert_eq(write(ends[1], "abcde", 5), 5);
	cr_assert(world_read(w, 0, bytes, 2, &got) == OK && got == 2);
	cr_assert(world_read(w, 0, bytes, 8, &got) == OK && got == 3);
	cr_assert_arr_eq(bytes, "cde", 3);
	(void)close(ends[1]);
	cr_assert(world_read(w, 0, bytes, 8, &got) == OK && got == 0);
}

Test(world_real, a_pipe_that_is_empty_is_waited_for)
{
	int ends[2], child;
	size_t got = 0;
	char byte;

	cr_assert_eq(pipe2(ends, O_NONBLOCK), 0);
	child = fork();
	if (child == 0) {
		/* The parent reads first or we write first: the answer must be the same. */
		for (int i = 0; i < 100; i++)
			(void)getppid();
		_exit(write(ends[1], "x", 1) == 1 ? 0 : 1);
	}
	cr_assert_gt(child, 0);
	cr_assert(world_read(w, ends[0], &byte, 1, &got) == OK && got == 1 && byte == 'x');
}

Test(world_real, a_lock_is_exclusive_between_descriptors)
{
	int a = opened("f", WORLD_CREATE), b = opened("f", WORLD_WRITE);

	cr_assert_eq(world_lock(w, a), OK);
	cr_assert_eq(world_lock(w, b), ERR_LOCKED);
	cr_assert_eq(world_close(w, a), OK);
	cr_assert_eq(world_lock(w, b), OK);
	cr_assert_eq(world_close(w, b), OK);
}

Test(world_real, a_file_over_the_limit_of_the_system_is_an_error)
{
	struct rlimit limit = { 4096, 4096 };
	char bytes[8192] = { 0 };
	int fd = opened("f", WORLD_CREATE);

	(void)signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(world_write_at(w, fd, 0, bytes, sizeof(bytes)), ERR_LIMIT,
		     "the first 4096 bytes were a short write, the rest refused");
	cr_assert_eq(world_write_at(w, fd, UINT64_MAX - 1, bytes, 1), ERR_LIMIT);
	cr_assert_eq(world_truncate(w, fd, UINT64_MAX), ERR_LIMIT);
}

Test(world_real, a_full_device_is_no_space)
{
	int fd = open("/dev/full", O_RDWR | O_CLOEXEC);

	if (fd == -1)
		cr_skip("this system has no /dev/full");
	cr_assert_eq(world_write_at(w, fd, 0, "x", 1), ERR_NOSPACE);
}

Test(world_real, pushing_changes_nothing)
{
	int fd = opened("f", WORLD_CREATE);
	char bytes[4] = "";
	uint64_t size;

	cr_assert_eq(world_write_at(w, fd, 0, "abcd", 4), OK);
	world_push(w, fd, 0, 4);
	world_push(w, fd, 100, 4);
	world_push(w, fd, UINT64_MAX, 4);
	world_push(w, -1, 0, 4);
	cr_assert_eq(world_size(w, fd, &size), OK);
	cr_assert_eq(size, 4);
	cr_assert_eq(world_read_exact(w, fd, 0, bytes, 4), OK);
	cr_assert_arr_eq(bytes, "abcd", 4);
	cr_assert_eq(world_sync(w, fd), OK);
}

Test(world_real, bad_descriptors_are_errors)
{
	uint64_t size;
	char byte;
	size_t got;

	cr_assert_eq(world_read(w, -1, &byte, 1, &got), ERR_IO);
	cr_assert_eq(world_read_at(w, -1, 0, &byte, 1, &got), ERR_IO);
	cr_assert_eq(world_write_at(w, -1, 0, "x", 1), ERR_IO);
	cr_assert_eq(world_size(w, -1, &size), ERR_IO);
	cr_assert_eq(world_truncate(w, -1, 0), ERR_IO);
	cr_assert_eq(world_sync(w, -1), ERR_IO);
	cr_assert_eq(world_lock(w, -1), ERR_IO);
	cr_assert_eq(world_close(w, -1), ERR_IO);
}

Test(world_real, clock_entropy_and_environment_are_the_machines)
{
	unsigned char a[64] = { 0 }, b[64] = { 0 };

	cr_assert_gt(world_now_ns(w), INT64_C(1700000000) * 1000000000);
	cr_assert_eq(world_entropy(w, a, sizeof(a)), OK);
	cr_assert_eq(world_entropy(w, b, sizeof(b)), OK);
	cr_assert_neq(memcmp(a, b, sizeof(a)), 0);
	cr_assert_eq(setenv("TRAMMEL_TEST", "yes", 1), 0);
	cr_assert_str_eq(world_env(w, "TRAMMEL_TEST"), "yes");
	cr_assert_null(world_env(w, "TRAMMEL_TEST_NOT_SET"));
}

Test(world_real, a_list_survives_every_failing_allocation)
{
	cr_assert_eq(world_mkdir(w, "b"), OK);
	cr_assert_eq(world_close(w, opened("a", WORLD_CREATE)), OK);
	for (uint64_t n = 1; ; n++) {
		struct str *names = NULL;
		size_t count = 7;
		struct arena a;
		enum err e;

		arena_init(&a, 1 << 20);
		fail_alloc_at(n);
		e = world_list(w, ".", &a, &names, &count);
		if (!fail_alloc_was_hit()) {
			cr_assert(e == OK && count == 2);
			cr_assert(str_is(names[0], "a") && str_is(names[1], "b"));
			arena_fini(&a);
			break;
		}
		cr_assert(e == ERR_MEMORY && !names && count == 7);
		arena_fini(&a);
	}
}

/* Do one random step in a world; what it answers goes into `log`. */
static void step(struct world *world, uint64_t x, int fds[3], struct buf *log)
{
	static const char *const paths[] = { "a", "b", "d", "d/a", "d/e", "d/e/f", "a/x", "no/x" };
	const char *path = paths[x % 8], *other = paths[x / 8 % 8];
	int *fd = &fds[x / 64 % 3];
	uint64_t at = x / 192 % 50, size = 0;
	enum world_kind kind = WORLD_NOTHING;
	struct str *names = NULL;
	size_t got = 0, count = 0;
	char bytes[40] = { 0 };
	enum err e = OK;
	struct arena a;

	arena_init(&a, 100000);
	memset(bytes, 'a' + (int)(x % 26), x / 9600 % 40);
	switch (x / 400000 % 15) {
	case 0: case 1:
		if (*fd >= 0)
			e = world_close(world, *fd);
		*fd = -1;
		buf_addf(log, "%s ", err_name(e));
		e = world_open(world, path, (enum world_open)(x / 8 % 4), fd);
		break;
	case 2: case 3: e = world_write_at(world, *fd, at, bytes, 1 + x / 9600 % 39); break;
	case 4: e = world_read_at(world, *fd, at, bytes, sizeof(bytes), &got); break;
	case 5: e = world_read(world, *fd, bytes, x / 9600 % 40, &got); break;
	case 6: e = world_truncate(world, *fd, at); break;
	case 7: e = world_size(world, *fd, &size); break;
	case 8: e = world_lock(world, *fd); break;
	case 9: e = world_rename(world, path, other); break;
	case 10: e = world_unlink(world, path); break;
	case 11: e = world_mkdir(world, path); break;
	case 12: e = world_kind(world, path, &kind); break;
	case 13: e = world_rmdir(world, path); break;
	default:
		e = world_list(world, path, &a, &names, &count);
		for (size_t i = 0; i < count; i++)
			buf_addf(log, "%s,", names[i].ptr);
	}
	buf_addf(log, "%d %s %.*s %d %d %s\n", (int)(x / 400000 % 15), err_name(e), (int)got, bytes,
		 (int)size, (int)kind, path);
	arena_fini(&a);
}

Test(world_real, the_simulated_world_answers_as_the_machine_does)
{
	for (uint64_t seed = 1; seed <= 60; seed++) {
		struct world *sim = sim_open(seed, 0);
		uint64_t x = seed * UINT64_C(0x9E3779B97F4A7C15);
		int real_fds[3] = { -1, -1, -1 }, sim_fds[3] = { -1, -1, -1 };
		struct buf real_log, sim_log;
		char name[32];

		buf_init(&real_log, 1 << 20);
		buf_init(&sim_log, 1 << 20);
		(void)snprintf(name, sizeof(name), "run-%d", (int)seed);
		cr_assert(chdir(folder) == 0 && mkdir(name, 0700) == 0 && chdir(name) == 0);
		for (int i = 0; i < 300; i++) {
			x ^= x << 13; x ^= x >> 7; x ^= x << 17;
			step(w, x, real_fds, &real_log);
			step(sim, x, sim_fds, &sim_log);
			cr_assert(str_eq(buf_view(&real_log), buf_view(&sim_log)),
				  "seed %d step %d\nreal: %.*s\nsim: %.*s", (int)seed, i,
				  STR_ARG(buf_view(&real_log)), STR_ARG(buf_view(&sim_log)));
			buf_clear(&real_log);
			buf_clear(&sim_log);
		}
		for (int i = 0; i < 3; i++)
			if (real_fds[i] >= 0)
				cr_assert_eq(world_close(w, real_fds[i]), OK);
		buf_fini(&real_log);
		buf_fini(&sim_log);
		sim_close(sim);
	}
}

/* --- where a path leads --- */

#define ROOT "top"

/* top/{file, in/{deep}, link -> in, out -> ../secret, up -> .., gone -> nowhere}, secret, top2 */
static void make_tree(void)
{
	cr_assert_eq(mkdir(ROOT, 0700), 0);
	cr_assert_eq(mkdir(ROOT "/in", 0700), 0);
	cr_assert_eq(mkdir("top2", 0700), 0);
	for (const char *const *name = (const char *const[]){ ROOT "/file", ROOT "/in/deep",
							     "secret", "top2/file", NULL };
	     *name; name++)
		(void)world_close(w, opened(*name, WORLD_CREATE_NEW));
	cr_assert_eq(symlink("in", ROOT "/link"), 0);
	cr_assert_eq(symlink("../secret", ROOT "/out"), 0);
	cr_assert_eq(symlink("..", ROOT "/up"), 0);
	cr_assert_eq(symlink("nowhere", ROOT "/gone"), 0);
	cr_assert_eq(symlink("/proc/self/top", ROOT "/magic"), 0);
	cr_assert_eq(symlink(ROOT, "alias"), 0);
}

static void expect_leads(const char *root, const char *path, enum err expected, const char *to)
{
	struct buf b;
	enum err e;

	buf_init(&b, LIMIT_PATH_BYTES);
	e = world_resolve(w, root, path, &b);
	cr_expect_eq(e, expected, "%s: %s", path, err_name(e));
	if (e == OK && expected == OK)
		cr_expect(str_is(buf_view(&b), to), "%s: %.*s", path, STR_ARG(buf_view(&b)));
	buf_fini(&b);
}

Test(world_real, a_path_leads_beneath_its_root_or_nowhere)
{
	static const struct {
		const char *path;
		enum err expected;
		const char *to;
	} cases[] = {
		{ "file", OK, "file" }, { "./file", OK, "file" }, { "in/deep", OK, "in/deep" },
		{ "in//deep", OK, "in/deep" }, { "in/../file", OK, "file" }, { ".", OK, "" },
		{ "link/deep", OK, "in/deep" }, { "link/../file", OK, "file" }, { "in/", OK, "in" },
		{ "new", OK, "new" }, { "in/new", OK, "in/new" }, { "link/new", OK, "in/new" },
		{ "..", ERR_ACCESS, NULL }, { "../secret", ERR_ACCESS, NULL },
		{ "../top/file", ERR_ACCESS, NULL }, { "../new", ERR_ACCESS, NULL },
		{ "in/../../secret", ERR_ACCESS, NULL }, { "out", ERR_ACCESS, NULL },
		{ "up", ERR_ACCESS, NULL }, { "up/secret", ERR_ACCESS, NULL },
		{ "up/top/file", ERR_ACCESS, NULL }, { "magic", ERR_ACCESS, NULL },
		{ "magic/etc/passwd", ERR_ACCESS, NULL }, { "gone", ERR_TYPE, NULL },
		{ "no/new", ERR_NOT_FOUND, NULL }, { "file/x", ERR_TYPE, NULL },
		{ "file/..", ERR_TYPE, NULL }, { "new/..", ERR_NOT_FOUND, NULL },
		{ "", ERR_NOT_FOUND, NULL }, { "/etc/passwd", ERR_ACCESS, NULL },
		{ "/", ERR_ACCESS, NULL }, { "/proc/self/cwd/top/file", ERR_ACCESS, NULL },
	};

	make_tree();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		expect_leads(ROOT, cases[i].path, cases[i].expected, cases[i].to);
}

Test(world_real, an_absolute_path_leads_where_it_leads)
{
	char root[80], path[160], longest[LIMIT_PATH_BYTES];
	static const struct {
		const char *below;
		enum err expected;
		const char *to;
	} cases[] = {
		{ "/top/file", OK, "file" },
		{ "//top///in/deep", OK, "in/deep" },
		{ "/top", OK, "" },
		{ "/top/new", OK, "new" },
		{ "/top/link/deep", OK, "in/deep" },
		{ "/alias/file", OK, "file" },
		{ "/top2/../top/file", OK, "file" },
		{ "/top2/file", ERR_ACCESS, NULL },
		{ "/top2", ERR_ACCESS, NULL },
		{ "/top2/new", ERR_ACCESS, NULL },
		{ "/top/../secret", ERR_ACCESS, NULL },
		{ "/top/out", ERR_ACCESS, NULL },
		{ "/top/gone", ERR_TYPE, NULL },
		{ "/top/no/new", ERR_NOT_FOUND, NULL },
	};

	make_tree();
	(void)snprintf(root, sizeof(root), "%s/%s", folder, ROOT);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		(void)snprintf(path, sizeof(path), "%s%s", folder, cases[i].below);
		expect_leads(root, path, cases[i].expected, cases[i].to);
		expect_leads("alias", path, cases[i].expected, cases[i].to);
	}
	expect_leads("nowhere", path, ERR_NOT_FOUND, NULL);
	memset(longest, 'x', sizeof(longest));
	longest[sizeof(longest) - 1] = '\0';
	expect_leads(root, longest, ERR_LIMIT, NULL);
	expect_leads("/", "/etc", OK, "etc");
}
