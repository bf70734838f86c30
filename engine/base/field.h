/*
 * field: names in rows of fixed size: 1 to LIMIT_NAME_BYTES bytes, filled up with zeros. Two names
 * never share a field's bytes, so a field can be a key.
 */
#ifndef TRAMMEL_BASE_FIELD_H
#define TRAMMEL_BASE_FIELD_H

#include "engine/base/limits.h"
#include "engine/base/str.h"

/* False, and the field as it was, for what is no such name: empty, too long, or with a NUL. */
bool field_put(char field[LIMIT_NAME_BYTES], struct str name);
/* The name, without the zeros; borrows the field. */
struct str field_text(const char field[LIMIT_NAME_BYTES]);

#endif
