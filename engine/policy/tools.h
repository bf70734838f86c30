/*
 * tools: what people ask of policies before and after they are in force. Opened by policy.h.
 *
 *   analyze.h   what rules say of each other
 *   question.h  one request written down, and decided without being recorded
 *   diff.h      requests that two bundles decide otherwise
 *   outcome.h   what a ruling comes to, and which of two is looser
 *   explain.h   why a request was decided so, and what would turn it around
 *   fixture.h   cases that policies are tested with, their coverage, mutants
 *   fmt.h       the one layout of a policy file
 *   lint.h      what may be written and better is not
 *   trim.h      a bundle with fewer rules, for measuring
 *
 * A tool answers from the compiled rules and the evaluator that the gate uses; none has a reading
 * of its own. What it cannot find out it calls unknown.
 */
#ifndef TRAMMEL_TOOLS_H
#define TRAMMEL_TOOLS_H

/* question.h first: the others speak of questions. */
#include "engine/policy/question.h"
#include "engine/policy/analyze.h"
#include "engine/policy/diff.h"
#include "engine/policy/explain.h"
#include "engine/policy/fixture.h"
#include "engine/policy/fmt.h"
#include "engine/policy/lint.h"
#include "engine/policy/trim.h"

#endif
