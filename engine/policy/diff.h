/*
 * diff: requests that two bundles decide otherwise, found by reasoning. Rules are paired, one that
 * decides in the old bundle and one in the new, the default being one of them; for each pair of
 * different effects a request is looked for, and the evaluator has the last word on it.
 */
#ifndef TRAMMEL_DIFF_H
#define TRAMMEL_DIFF_H

struct diff_flip {
	bool looser;                  /* denied before, allowed now */
	enum policy_stage stage;
	struct str was, now;          /* the rules that decide; ptr NULL: the default */
	const struct question *witness;
};

struct diff_report {
	uint64_t looser, tighter;     /* pairs of rules with a flip between them */
	uint64_t unknown;             /* pairs for which none was found and none excluded */
	bool cut;                     /* there were too many pairs to look at all of them */
	bool cedar;                   /* Cedar policies are asked, but not reasoned about */
	bool extends;                 /* likewise documents that extend others */
	/*
	 * The two differ in what is not compared (limits, edits, obligations and approvers of
	 * rules, signatures, sponsors), or either has quotas, rings, commands, trust or sequences.
	 */
	bool besides;
};

/* `found` hears of each flip; what it is given lives for the call. */
enum err diff_bundles(const struct bundle *old, const struct bundle *now, struct arena *memory,
		      struct arena *scratch,
		      void (*found)(void *self, const struct diff_flip *f), void *self,
		      struct diff_report *ret) NODISCARD;

#endif
