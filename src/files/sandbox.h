/* SPDX-License-Identifier: BSD-3-Clause
 *
 * sandbox.h: a tool gives up the rights on files that it has no more use for, so that a fault in
 * reading a hostile input does not open the rest of the system to whoever made it.
 *
 * Linux has this as Landlock, from 5.13 on. Where there is none, or in a build configured with
 * --enable-sandbox=no, the calls do nothing and say so; a tool then works as it always did. Rights
 * that are gone do not come back. They are gone for the calling thread and for those that it
 * starts afterwards.
 *
 * Files that are open stay as they are. What is lost in either case: to execute, to make devices,
 * sockets, pipes and links, to remove folders, to cut files short, and to use TCP, and later on
 * also to speak to processes outside by signals and by abstract sockets.
 */
#ifndef IDF_SANDBOX_H
#define IDF_SANDBOX_H

#include "files.h"
#include "worklist.h"

/* The version of Landlock here; 0: none, or left out of this build. */
int idf_sandbox_version(void);

/* Before the first of several works. Every file can still be read. Files are made, written and
 * named only in the folders of the outputs, and folders below them; with `removing`, names are
 * also changed and removed in the folders of the inputs. True: so it is now. */
bool idf_sandbox_batch(const idf_worklist *works, bool removing);

/* Within the last work, input and output being open, and the model loaded. Nothing is opened any
 * more, but for what tells the number of processors. The output can get its name, and with
 * `removing` the input can lose its own. True: so it is now. */
bool idf_sandbox_last(const idf_work *work, const idf_sink *output, bool removing);

#endif
