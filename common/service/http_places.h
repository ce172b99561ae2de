/* SPDX-License-Identifier: MIT */
/*
 * Who is connected to the HTTP server, and since when: so that nobody keeps others out by being
 * slow. A request has its time from the connection, or from the answer before, to its own answer,
 * however busily it trickles; and when all places are taken the one goes whose request is the
 * oldest. Embedded in the server.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* One more than may stay: a newcomer needs a place until another has gone. */
enum { HTTP_PLACES_MAX = 16, HTTP_CONNECTIONS_MAX = HTTP_PLACES_MAX + 1 };

struct http_place {
    int file; /* -1: free */
    uint64_t since_ms;
    bool is_leaving; /* shut down: the server will close it */
};

struct http_places {
    struct http_place all[HTTP_CONNECTIONS_MAX];
};

void http_places_init(struct http_places *places);

/* A connection is there. NULL where there are more than the server takes, which cannot be. */
struct http_place *http_places_take(struct http_places *places, int file, uint64_t now_ms);

/* It was answered, and may ask again. */
void http_place_renew(struct http_place *place, uint64_t now_ms);

/* It was closed. */
void http_place_leave(struct http_place *place);

/* Sends off whose time is over; says when the next one's will be, or UINT64_MAX. */
uint64_t http_places_send_off_slow(struct http_places *places, uint64_t now_ms, uint64_t max_ms);
