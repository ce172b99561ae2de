/* SPDX-License-Identifier: MIT */
/*
 * A stage for the router: links and timers that do what they are told, and nothing by themselves.
 *
 * It stands in place of common/redis/link.c, of the parts of libuv that the router calls and of the
 * drawing of tokens, under their names: the program that is linked with this file gets these. One
 * stage for the process, empty after stage_clear().
 */
#pragma once

#include <hiredis/hiredis.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { STAGE_READER, STAGE_DECIDER, STAGE_LINKS };

/* Lets the links that are open and down come up. */
void stage_connect(void);

/* The command that waits for its answer longest, as it went over the wire; NULL: none does. */
const char *stage_asked(unsigned link);

/* Answers it. */
void stage_answer(unsigned link, const redisReply *reply);

/* The connection is lost. */
void stage_lose(unsigned link);

/* Goes to the moment of the next timer, and so much later, and lets it fire. False: there is none.
 */
bool stage_fire(uint64_t late_ms);

/* Calls back for what was closed, until nothing is left to close. */
void stage_close(void);

/* Everything is gone, or a claim breaks; the next router finds a new stage. */
void stage_clear(void);

/* By the stage's clock. */
uint64_t stage_now_ms(void);
