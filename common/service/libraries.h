/* SPDX-License-Identifier: MIT */
/*
 * What the libraries are told before anything else: that their memory comes from where ours comes
 * from, and so is never refused. Else each of them fails in its own way, and hiredis in one that
 * leaves a connection which takes no commands and tells of no loss. Its versions before 1.0 take no
 * allocator, and end the process where they look.
 */
#pragma once

void libraries_begin(void);
