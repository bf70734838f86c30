/* field: names in rows of fixed size. */
#include "engine/base/field.h"

bool field_put(char field[LIMIT_NAME_BYTES], struct str name)
{
	if (name.len == 0 || name.len > LIMIT_NAME_BYTES || memchr(name.ptr, '\0', name.len))
		return false;
	memset(field, 0, LIMIT_NAME_BYTES);
	memcpy(field, name.ptr, name.len);
	return true;
}

struct str field_text(const char field[LIMIT_NAME_BYTES])
{
	return str_slice(field, strnlen(field, LIMIT_NAME_BYTES));
}
