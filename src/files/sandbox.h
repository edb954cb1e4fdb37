/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox.h: gives up rights on files that a tool no longer needs, so that a fault in reading a
 * hostile input does not open the rest of the system to an attacker.
 *
 * Linux has this as Landlock, from 5.13 on. Without it, or in a build with --enable-sandbox=no, the
 * calls do nothing and return false; a tool then works as usual. Rights that are gone do not come
 * back. They are gone for the calling thread and for threads that it starts afterwards.
 *
 * Open files are not affected. Both calls give up the rights to execute, to make devices, sockets,
 * pipes and links, to remove folders, to truncate files and to use TCP and, with newer kernels, to
 * send signals to processes outside and to use their abstract sockets.
 */
#ifndef IDF_SANDBOX_H
#define IDF_SANDBOX_H

#include "files.h"
#include "worklist.h"

/* The version of Landlock; 0: none, or this build does not use it. */
int idf_sandbox_version(void);

/* Call this before the first of several works. Every file can still be read. Files are created,
 * written and named only in the folders of the outputs, and below. If `removing` is set, names can
 * also be changed and removed in the folders of the inputs. Returns whether the sandbox is
 * active. */
bool idf_sandbox_batch(const idf_worklist *works, bool removing);

/* Call this within the last work, with input and output open and the model loaded. Nothing more can
 * be opened, except what gives the number of processors. The output can get its name and, if
 * `removing` is set, the input can lose its name. Returns whether the sandbox is active. */
bool idf_sandbox_last(const idf_work *work, const idf_sink *output, bool removing);

#endif
