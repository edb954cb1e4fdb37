/* SPDX-License-Identifier: BSD-3-Clause
 *
 * run.h: what tool.c, work.c and run.c share, and the tools do not see.
 */
#ifndef IDF_RUN_H
#define IDF_RUN_H

#include "tool.h"

/* Makes, and frees, what each thread that does works has of its own: memory, files, buffers. */
bool idf_tool_desk(idf_tool *tool);
void idf_tool_desk_free(idf_tool *tool);

/* Whether --rm is given and something is written. */
bool idf_tool_removes(const idf_tool *tool);
/* The record of a work that was done: a line with -v, an object with --json. errors, warnings: as
 * many there were before it. */
void idf_tool_record(idf_tool *tool, const idf_record_of *record, unsigned errors,
                     unsigned warnings);
/* Reports what -r passed over, by kind: in JSON all kinds, in the message the most frequent
 * ones. */
void idf_tool_tell_passed(idf_tool *tool, const idf_worklist *work);

#endif
