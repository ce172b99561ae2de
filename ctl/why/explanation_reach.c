/* SPDX-License-Identifier: MIT */
#include "ctl/why/explanation_reach.h"

#include <stdlib.h>

#include "ctl/look/stream_look.h"

/* One that names another before it is not the first that there was. */
static bool take_first(void *owner, const struct entry *entry)
{
    struct explanation_reach *reach = owner;
    const struct entry_field *before =
        entry->count <= ENTRY_FIELDS_MAX ? entry_find(entry, "prev") : NULL;

    *reach = (struct explanation_reach){true, entry->id, before && before->value_length > 0};
    return true;
}

static int look_at_archive(const struct record_place *place, const char *stream,
                           struct explanation_reach *reach)
{
    struct record_search search = {
        .stream = stream, .kind = ARCHIVE_DECISION, .take = take_first, .owner = reach};
    char *why = NULL;
    int result = record_search(place, &search, &why);

    free(why);
    return result;
}

static int look_at_stream(const struct record_place *place, const char *stream,
                          struct explanation_reach *reach)
{
    struct stream_look look;
    char *why = NULL;
    int result = stream_look_read(place->ask, stream, false, &look, &why);

    free(why);
    if (result != 0)
        return result < 0 ? result : 0;
    *reach = (struct explanation_reach){look.length > 0, look.first, look.added > look.length};
    stream_look_release(&look);
    return 0;
}

int explanation_reach_find(const struct record_place *place, const char *stream,
                           struct explanation_reach *ret_reach)
{
    *ret_reach = (struct explanation_reach){.has_any = false};
    return place->ask ? look_at_stream(place, stream, ret_reach)
                      : look_at_archive(place, stream, ret_reach);
}
