/* SPDX-License-Identifier: MIT */
#include "common/service/http_places.h"

#include <stddef.h>
#include <sys/socket.h>

void http_places_init(struct http_places *places)
{
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++)
        places->all[i] = (struct http_place){.file = -1};
}

/* The server reads the end of the connection, and closes it. */
static void send_off(struct http_place *place)
{
    (void)shutdown(place->file, SHUT_RDWR);
    place->is_leaving = true;
}

static bool stays(const struct http_place *place)
{
    return place->file >= 0 && !place->is_leaving;
}

/* The oldest of those that stay, where these are too many. */
static void make_room(struct http_places *places)
{
    struct http_place *oldest = NULL;
    int staying = 0;

    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct http_place *place = &places->all[i];
        staying += stays(place);
        if (stays(place) && (!oldest || place->since_ms < oldest->since_ms))
            oldest = place;
    }
    if (oldest && staying >= HTTP_PLACES_MAX)
        send_off(oldest);
}

struct http_place *http_places_take(struct http_places *places, int file, uint64_t now_ms)
{
    make_room(places);
    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        if (places->all[i].file >= 0)
            continue;
        places->all[i] = (struct http_place){.file = file, .since_ms = now_ms};
        return &places->all[i];
    }
    return NULL;
}

void http_place_renew(struct http_place *place, uint64_t now_ms)
{
    if (place)
        place->since_ms = now_ms;
}

void http_place_leave(struct http_place *place)
{
    if (place)
        place->file = -1;
}

uint64_t http_places_send_off_slow(struct http_places *places, uint64_t now_ms, uint64_t max_ms)
{
    uint64_t next_ms = UINT64_MAX;

    for (int i = 0; i < HTTP_CONNECTIONS_MAX; i++) {
        struct http_place *place = &places->all[i];
        if (!stays(place))
            continue;
        if (now_ms - place->since_ms >= max_ms)
            send_off(place);
        else if (place->since_ms + max_ms < next_ms)
            next_ms = place->since_ms + max_ms;
    }
    return next_ms;
}
