/*
 * tools: what people ask of policies before and after they are in force. Opened by policy.h.
 *
 *   question.h  one request written down, and decided without being recorded
 *   fixture.h   cases that policies are tested with, their coverage, mutants
 *
 * A tool answers from the compiled rules and the evaluator that the gate uses; none has a reading
 * of its own. What it cannot find out it calls unknown.
 */
#ifndef TRAMMEL_TOOLS_H
#define TRAMMEL_TOOLS_H

#include "engine/policy/fixture.h"
#include "engine/policy/question.h"

#endif
