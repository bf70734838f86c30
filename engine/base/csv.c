/* csv: when a cell is quoted, and when it would be a formula. */
#include "engine/base/csv.h"

/* Full-width forms count as well: some programs fold them. */
static bool begins_formula(struct str s)
{
	static const char *const wide[] = { "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d",
					    "\xef\xbc\xa0" };

	while (s.len > 0 && *s.ptr == '\'')
		s = str_slice(s.ptr + 1, s.len - 1);
	for (size_t i = 0; i < sizeof(wide) / sizeof(wide[0]); i++)
		if (str_starts(s, str_view(wide[i])))
			return true;
	return s.len > 0 && *s.ptr && strchr("=+-@\t\r\n", *s.ptr);
}

static bool needs_quotes(struct str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] == '"' || s.ptr[i] == ',' || (unsigned char)s.ptr[i] < ' ')
			return true;
	return s.len > 0 && (s.ptr[0] == ' ' || s.ptr[s.len - 1] == ' ');
}

void csv_cell(struct buf *b, struct str text)
{
	bool quotes = needs_quotes(text);

	buf_add_c(b, quotes ? "\"" : "");
	if (begins_formula(text))
		buf_add_byte(b, '\'');
	for (size_t i = 0; i < text.len; i++) {
		if (text.ptr[i] == '"')
			buf_add_byte(b, '"');
		buf_add_byte(b, text.ptr[i]);
	}
	buf_add_c(b, quotes ? "\"" : "");
}
