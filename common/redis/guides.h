/* SPDX-License-Identifier: MIT */
/*
 * Who is asked where the server is: Sentinels that watch a master by its name, or nodes of a
 * Cluster that know whose a key is. Part of an address; guides_release() frees it. Pure.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "common/redis/place.h"

/* All of them are asked at once. */
#define GUIDES_MAX 16

enum guides_kind { GUIDES_NONE, GUIDES_SENTINELS, GUIDES_NODES };

struct guides {
    enum guides_kind kind;
    struct place *list;
    size_t count;
    char *master;    /* Sentinels: of this name */
    char *password;  /* Sentinels: their own; NULL: none */
    const char *key; /* nodes: who owns this key; somebody else's */
};

/* Adds "host:port,host:port". NULL, or what is wrong with it; then what was added stays. */
const char *guides_add(struct guides *guides, enum guides_kind kind, const char *list,
                       size_t length) __attribute__((warn_unused_result));

/* NULL, or what is wrong with a master's name. */
const char *guides_name_master(struct guides *guides, const char *name, size_t length)
    __attribute__((warn_unused_result));

/* "the master mymaster of 10.0.0.1:26379,10.0.0.2:26379"; the caller frees it. */
char *guides_text(const struct guides *guides);

void guides_release(struct guides *guides);
