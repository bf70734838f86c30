/*
 * csv: a cell of RFC 4180 that a spreadsheet shows and does not run.
 *
 * Spreadsheets take a cell that begins with = + - @, a tab or a line break for a formula, whoever
 * wrote it. Such a cell gets an apostrophe in front, and so does one that begins with apostrophes
 * before such a sign: so whoever takes one away reads what was written.
 */
#ifndef TRAMMEL_BASE_CSV_H
#define TRAMMEL_BASE_CSV_H

#include "engine/base/str.h"

/* Append one cell; commas between them and CRLF at the end are the caller's. */
void csv_cell(struct buf *b, struct str text);

#endif
