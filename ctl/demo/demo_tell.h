/* SPDX-License-Identifier: MIT */
/*
 * What the demo shows of its play: the lines of both services as they come, each step, how to look
 * around, and the summary. Part of the play.
 */
#pragma once

#include "ctl/demo/demo_play.h"
#include "ctl/demo/demo_script.h"

/* Shows what was logged since. */
void demo_tell_news(struct demo *demo);

const char *demo_key_name(const struct demo *demo, enum demo_key key);
void demo_tell_action(struct demo *demo, const struct demo_action *action, const char *meaning);
void demo_tell_opening(struct demo *demo);
void demo_tell_hints(struct demo *demo);

/* Negative: it went wrong and was said. */
int demo_tell_summary(struct demo *demo) __attribute__((warn_unused_result));
