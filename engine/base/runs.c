/* runs: rows of letters by their runs. */
#include "engine/base/runs.h"


static void flush(struct runs *r)
{
	char digits[10];
	size_t at = sizeof(digits);

	if (r->count == 0)
		return;
	r->text[r->len++] = r->letter;
	for (uint32_t left = r->count; r->count > 1 && left; left /= 10)
		digits[--at] = (char)('0' + left % 10);
	memcpy(r->text + r->len, digits + at, sizeof(digits) - at);
	r->len += sizeof(digits) - at;
	r->count = 0;
}

void runs_add(struct runs *r, char letter, uint32_t count)
{
	if (count == 0)
		return;
	if (letter != r->letter)
		flush(r);
	MUST(count <= UINT32_MAX - r->count);
	r->letter = letter;
	r->count += count;
}

struct str runs_end(struct runs *r)
{
	flush(r);
	return str_slice(r->text, r->len);
}

bool runs_next(struct str *rest, char *letter, uint32_t *count)
{
	uint64_t number = 1;
	size_t at = 1, digits;

	if (rest->len == 0 || rest->ptr[0] < 'a' || rest->ptr[0] > 'z')
		return false;
	while (at < rest->len && rest->ptr[at] >= '0' && rest->ptr[at] <= '9')
		at++;
	digits = at - 1;
	if (digits && (str_to_u64(str_slice(rest->ptr + 1, digits), &number) != OK || number < 2 ||
		       number > UINT32_MAX))
		return false;
	*letter = rest->ptr[0];
	*count = (uint32_t)number;
	*rest = str_slice(rest->ptr + at, rest->len - at);
	return true;
}

bool runs_read(struct str text, const char *letters, uint32_t *total)
{
	uint32_t count, sum = 0;
	char letter, last = '\0';

	while (runs_next(&text, &letter, &count)) {
		if (letter == last || !strchr(letters, letter) || count > UINT32_MAX - sum)
			return false;
		last = letter;
		sum += count;
	}
	*total = sum;
	return text.len == 0;
}
