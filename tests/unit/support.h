/* SPDX-License-Identifier: MIT */
/*
 * What the unit tests share: entries, signals, candidates and windows in one line each, questions
 * to read_signal() that say what they expect, and numbers by chance that can be had again.
 *
 * Everything happens at NOW_MS unless a test says otherwise. Signals made here belong to the
 * caller, like those of read_signal().
 */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/entry.h"
#include "common/trade/signal.h"
#include "router/decide/plan.h"
#include "router/decide/window.h"

#define NOW_MS       INT64_C(1768824003000)
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* An entry of names and values in turn, closed by NULL. It points at the texts. */
struct entry entry_of(const char *name, ...) __attribute__((sentinel));

/* The same, born at another moment. */
struct entry entry_born(struct entry entry, int64_t ms);

/* Adds a field; past ENTRY_FIELDS_MAX it is only counted, as it is on the wire. */
void entry_add(struct entry *entry, const char *name, const char *bytes, size_t length);

/* A sound document in which one key has another value, as JSON; NULL: it is absent. The text lives
 * until the next call. */
const char *document_with(const char *key, const char *json);

/* `count` times this character; lives for the next seven calls. */
const char *text_of(char c, size_t count);

/* The defaults of the contract. */
struct signal_rules rules_usual(void);

/* Judges an entry, and makes the signal if it is one; else *ret_signal is untouched. */
struct signal_verdict read_signal(const struct signal_rules *rules, const struct entry *entry,
                                  struct signal **ret_signal);

/* Reads an entry that must be sound. */
struct signal *must_read(struct entry entry);
struct signal *must_read_by(const struct signal_rules *rules, struct entry entry);

/* The same for an entry that only has this payload. */
struct signal *must_read_payload(const char *document);

#define expect_invalid(entry, rule) verdict_check(entry, DROP_INVALID, rule, __FILE__, __LINE__)
#define expect_dropped(entry, drop) verdict_check(entry, drop, RULE_NONE, __FILE__, __LINE__)
void verdict_check(struct entry entry, enum drop drop, enum rule rule, const char *file, int line);

#define expect_payload_invalid(document, rule)                                                     \
    expect_invalid(entry_of("payload", document, NULL), rule)

/* A signal for the rooms behind the door, with its id as decision. */
struct signal *signal_of(const char *symbol, double confidence, uint64_t id_ms);

/* A window that owns these signals, scored with the usual bonuses and ranked; closed by NULL. */
struct window window_of(struct signal *signal, ...) __attribute__((sentinel));

struct score_rules bonuses_usual(void);
struct plan_rules plan_rules_usual(void);

/* The intent of a window's only candidate, in a cycle in which all is free. */
struct intent lone_intent(struct plan_rules rules, const struct window *window, int64_t at_ms);

/* Begins a run of chance: its seed is QUANTUM_SEED or always the same, and it is printed. */
void chance_begin(void);
uint64_t chance_next(void);
/* 0 to below - 1. */
size_t chance_below(size_t below);
bool chance_one_in(size_t many);
