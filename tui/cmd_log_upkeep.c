/* cmd_log_upkeep: trammel log seal | publish DIR: what goes on beside a writer */
#include "tui/answer.h"
#include "tui/print.h"

static void add_sealed_json(struct buf *b, const struct log_seal_report *r)
{
	buf_add_byte(b, '{');
	json_number(b, "sealed", r->sealed);
	json_number(b, "sealed_before", r->before);
	json_number(b, "bytes", r->raw_bytes);
	json_number(b, "sealed_bytes", r->packed_bytes);
	buf_add_c(b, "}\n");
}

static void add_sealed(struct buf *b, const struct log_seal_report *r)
{
	buf_add_c(b, "sealed: ");
	print_counted(b, r->sealed, "segment", "segments");
	if (r->sealed > 0) {
		buf_add_c(b, ", ");
		print_count(b, r->raw_bytes);
		buf_add_c(b, " bytes in ");
		print_count(b, r->packed_bytes);
	}
	buf_add_c(b, "; ");
	print_count(b, r->before);
	buf_add_c(b, " sealed before");
	if (r->sealed == 0 && r->before == 0) {
		buf_add_c(b, "; a segment is full, and can be sealed, with ");
		print_count(b, LOG_SEGMENT_ENTRIES);
		buf_add_c(b, " entries");
	}
	buf_add_byte(b, '\n');
}

static enum err seal(const struct invocation *in, struct space *s, struct buf *b, struct note *n)
{
	struct log_seal_report report = { .sealed = 0 };

	TRY(log_seal(in->world, space_log_folder(s), space_key(s), 1, &report, n));
	(json_wanted(in) ? add_sealed_json : add_sealed)(b, &report);
	return b->err;
}

int cmd_log_seal(const struct invocation *in)
{
	return answer(in, seal);
}

static enum err publish(const struct invocation *in, struct space *s, struct buf *b,
			struct note *n)
{
	struct published_report report = { .size = 0 };

	TRY(published_update(in->world, in->args[0], space_log_folder(s), space_key(s), 1, &report,
			     n));
	if (json_wanted(in)) {
		buf_add_byte(b, '{');
		json_number(b, "published", report.size);
		json_number(b, "published_before", report.before);
		buf_add_c(b, "}\n");
	} else {
		buf_add_c(b, "published: ");
		print_counted(b, report.size, "entry", "entries");
		buf_add_c(b, ", ");
		print_count(b, report.size - report.before);
		buf_add_c(b, " of them new\n");
	}
	return b->err;
}

int cmd_log_publish(const struct invocation *in)
{
	return answer(in, publish);
}
