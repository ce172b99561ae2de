/* SPDX-License-Identifier: MIT */
/*
 * What the libraries are told before anything else: that their memory comes from where ours comes
 * from, and so is never refused. Those that take no allocator fail each in its own way; hiredis did
 * so with a connection that took no commands and told of no loss, and before 1.0 it ends the
 * process where it looks.
 */
#pragma once

void libraries_begin(void);
