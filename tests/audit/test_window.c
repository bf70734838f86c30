#include <criterion/criterion.h>

#include "engine/audit/inside.h"
#include "engine/base/world_sim.h"
#include "tests/kit/fail_alloc.h"

#define FILE_BYTES 3000000u
#define FILES 3

static struct world *w;
static struct windows v;
static char content[FILES][FILE_BYTES];
static int fd[FILES];

/* Passes reads on to the simulation, counted, or refuses them. */
static struct {
	struct world world;
	struct world_calls calls;
	unsigned reads;
	size_t bytes;
	bool refuses;
} counting;

static enum err count_read(struct world *ignored, int file, uint64_t at, void *buf, size_t len,
			   size_t *got)
{
	(void)ignored;
	counting.reads++;
	counting.bytes += len;
	if (counting.refuses)
		return ERR_IO;
	return world_read_at(w, file, at, buf, len, got);
}

static void setup(void)
{
	static const char *const names[FILES] = { "a", "b", "c" };
	uint64_t noise = 5;

	w = sim_open(1, 0);
	for (int i = 0; i < FILES; i++) {
		for (size_t at = 0; at < FILE_BYTES; at++) {
			noise = noise * 6364136223846793005u + 1442695040888963407u;
			content[i][at] = (char)(noise >> 56);
		}
		cr_assert_eq(sim_poke(w, names[i], str_slice(content[i], FILE_BYTES)), OK);
		cr_assert_eq(world_open(w, names[i], WORLD_WRITE, &fd[i]), OK);
	}
	counting.calls = *w->calls;
	counting.calls.read_at = count_read;
	counting.world.calls = &counting.calls;
	counting.reads = 0;
	counting.bytes = 0;
	counting.refuses = false;
	windows_init(&v, &counting.world);
}

static void teardown(void)
{
	windows_fini(&v);
	sim_close(w);
}

TestSuite(window, .init = setup, .fini = teardown);

static void check(int file, size_t at, size_t len)
{
	const unsigned char *bytes;

	cr_assert_eq(windows_read(&v, (uint64_t)file, fd[file], at, len, &bytes), OK);
	cr_assert(memcmp(bytes, content[file] + at, len) == 0, "file %d at %zu", file, at);
}

Test(window, any_read_gives_the_bytes_of_the_file)
{
	uint64_t noise = 99;

	for (int i = 0; i < 20000; i++) {
		size_t at, len;

		noise = noise * 6364136223846793005u + 1442695040888963407u;
		at = (size_t)(noise >> 33) % FILE_BYTES;
		len = noise % 7 == 0 ? (size_t)(noise >> 20) % 600000 : (size_t)(noise >> 20) % 300;
		check((int)(noise >> 60) % FILES, at,
		      len < FILE_BYTES - at ? len : FILE_BYTES - at);
	}
}

Test(window, going_forward_costs_few_reads_and_no_byte_twice)
{
	for (size_t at = 0; at + 100 <= FILE_BYTES; at += 100)
		check(0, at, 100);
	cr_assert_leq(counting.reads, 8 + FILE_BYTES / (256 << 10), "%u", counting.reads);
	cr_assert_leq(counting.bytes, FILE_BYTES + (300 << 10), "%zu", counting.bytes);
}

Test(window, small_gaps_do_not_stop_it)
{
	for (size_t at = 0; at + 400 <= FILE_BYTES; at += 400)
		check(0, at, 100);
	cr_assert_leq(counting.reads, 9 + FILE_BYTES / (256 << 10), "%u", counting.reads);
}

Test(window, a_look_back_leaves_the_way_forward_alone)
{
	for (size_t at = 1000000; at < 2000000; at += 100) {
		check(0, at, 100);
		check(0, 50, 100);
	}
	cr_assert_leq(counting.reads, 14, "%u", counting.reads);
}

Test(window, a_read_out_of_the_blue_reads_little)
{
	check(0, 2000000, 100);
	check(0, 1000000, 100);
	check(1, 5000, 100);
	cr_assert_leq(counting.bytes, 3 * 4096, "%zu", counting.bytes);
}

Test(window, behind_the_last_read_lies_what_comes_next)
{
	const unsigned char *next;
	uint64_t at = 0;

	cr_assert_null(windows_behind(&v, 0, 0, 1, &at), "nothing was read");
	cr_assert_null(windows_behind(&v, 1, 0, 1, &at));
	check(2, 1000, 100);
	next = windows_behind(&v, v.last, 2, 52, &at);
	cr_assert_not_null(next);
	cr_assert_eq(at, 1100);
	cr_assert(memcmp(next, content[2] + 1100, 52) == 0);
	cr_assert_null(windows_behind(&v, v.last, 1, 52, &at), "another file");
	cr_assert_null(windows_behind(&v, v.last, 2, 100000, &at), "not in memory");
	windows_forget(&v);
	cr_assert_null(windows_behind(&v, v.last, 2, 1, &at), "forgotten");
}

Test(window, what_was_forgotten_is_read_again)
{
	check(0, 0, 100);
	memset(content[0], 'x', 100);
	cr_assert_eq(world_write_at(w, fd[0], 0, content[0], 100), OK);
	windows_forget(&v);
	check(0, 0, 100);
}

Test(window, the_end_of_the_file_is_told)
{
	const unsigned char *bytes;

	check(0, FILE_BYTES - 10, 10);
	check(0, FILE_BYTES, 0);
	cr_assert_eq(windows_read(&v, 0, fd[0], FILE_BYTES - 10, 11, &bytes), ERR_TRUNCATED);
	cr_assert_eq(windows_read(&v, 0, fd[0], FILE_BYTES + 7, 1, &bytes), ERR_TRUNCATED);
	check(0, FILE_BYTES - 10, 10);
}

Test(window, a_failed_read_leaves_nothing_behind)
{
	const unsigned char *bytes;

	check(0, 0, 10);
	counting.refuses = true;
	cr_assert_eq(windows_read(&v, 0, fd[0], 4096, 100, &bytes), ERR_IO);
	cr_assert_eq(windows_read(&v, 0, fd[0], 4096, 100, &bytes), ERR_IO);
	counting.refuses = false;
	check(0, 4096, 100);
	check(0, 0, 10);
}

Test(window, without_memory_nothing_is_read)
{
	const unsigned char *bytes;

	fail_alloc_at(1);
	cr_assert_eq(windows_read(&v, 0, fd[0], 0, 10, &bytes), ERR_MEMORY);
	cr_assert(fail_alloc_was_hit());
	check(0, 0, 10);
}
