/*
 * veil: which leaves of a document are withheld from whoever reads it.
 *
 * A document that lost values stays a document: each of them reads as null, and the veil says where
 * they stood. Its text is one line of canonical JSON, so the column that json_read gives a leaf
 * names it; leaves are all values but lists and objects that hold something.
 */
#ifndef TRAMMEL_BASE_VEIL_H
#define TRAMMEL_BASE_VEIL_H

#include "engine/base/value.h"

struct veil {
	const uint32_t *columns;     /* of the leaves that are withheld, ascending */
	size_t count;
};

/* Is this value of the document withheld, or something in it? False when `v` or `value` is NULL. */
bool veil_covers(const struct veil *v, const struct value *value);

#endif
