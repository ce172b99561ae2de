/* SPDX-License-Identifier: MIT */
#include "ctl/look/status_look.h"

#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/monotonic.h"
#include "ctl/frame/document.h"

/* --- the trail of samples */

static void forget_first(struct status_trail *trail)
{
    status_sample_release(&trail->samples[0]);
    trail->count--;
    memmove(trail->samples, trail->samples + 1, trail->count * sizeof *trail->samples);
}

static void forget_old(struct status_trail *trail, uint64_t at_ms)
{
    while (trail->count > 1 && at_ms - trail->samples[0].at_ms > trail->span_ms)
        forget_first(trail);
}

/* What a look at that moment is measured against; one that is at 0: nothing. Good until the next
 * call. */
static const struct status_sample *trail_before(struct status_trail *trail, uint64_t at_ms)
{
    static const struct status_sample none;

    forget_old(trail, at_ms);
    return trail->count > 0 ? &trail->samples[0] : &none;
}

/* So far apart that those of the span, one before it and a new one have room. */
static bool is_too_soon(const struct status_trail *trail, uint64_t at_ms)
{
    return trail->count > 0 &&
           at_ms - trail->samples[trail->count - 1].at_ms < trail->span_ms / (STATUS_TRAIL_MAX - 2);
}

/* Takes the sample over, or releases it where it came too soon after the last one. */
static void trail_add(struct status_trail *trail, struct status_sample *sample)
{
    forget_old(trail, sample->at_ms);
    if (is_too_soon(trail, sample->at_ms)) {
        status_sample_release(sample);
        return;
    }
    if (trail->count == STATUS_TRAIL_MAX)
        forget_first(trail);
    trail->samples[trail->count++] = *sample;
    *sample = (struct status_sample){0};
}

/* --- what is dear to read: it may be kept for a while, with its findings */

static int (*const dear[STATUS_DEAR])(struct status *status) = {
    status_add_counts,
    status_add_writers,
    status_add_units,
};

static void forget(struct status_kept *kept)
{
    json_decref(kept->members);
    findings_free(&kept->findings);
    kept->members = NULL;
}

/* As if the section alone were the status. */
static int keep(const struct status *status, int (*add)(struct status *status),
                struct status_kept *kept)
{
    struct status alone = *status;

    alone.document = json_object();
    alone.findings = (struct findings){0};
    int result = add(&alone);
    *kept = (struct status_kept){alone.document, alone.findings};
    return result;
}

static int add_dear(struct status *status, struct status_looks *looks)
{
    uint64_t now_ms = monotonic_ms();
    bool is_due = looks->kept_at_ms == 0 || now_ms - looks->kept_at_ms >= looks->keep_ms;
    int result = 0;

    looks->kept_at_ms = is_due ? now_ms : looks->kept_at_ms;
    for (size_t i = 0; result == 0 && i < STATUS_DEAR; i++) {
        struct status_kept *kept = &looks->kept[i];
        if (is_due || !kept->members) {
            forget(kept);
            result = keep(status, dear[i], kept);
        }
        (void)json_object_update(status->document, kept->members);
        findings_add_all(&status->findings, &kept->findings);
    }
    return result;
}

/* --- one reading */

static json_t *begin_document(const struct status *status)
{
    char *address = redis_address_text(&status->router->redis.address), iso[CALENDAR_ISO_MAX];

    calendar_iso(status->now_ms, iso);
    json_t *document = document_new();
    (void)json_object_update_new(document, json_pack("{s:s, s:s, s:s, s:n, s:n}", "at", iso,
                                                     "redis", escaped(address).text, "prefix",
                                                     escaped(status->router->keys.prefix).text,
                                                     "health", "findings"));
    free(address);
    return document;
}

static void judge_names(struct status *status)
{
    if (strcmp(status->router->keys.intents, status->executor->keys.intents) != 0 ||
        strcmp(status->router->keys.executor_group, status->executor->keys.group) != 0)
        findings_add(&status->findings, WARNING,
                     "router and executor are configured for different names: %s and %s",
                     escaped(status->router->keys.intents).text,
                     escaped(status->executor->keys.intents).text);
    if (strcmp(status->router->keys.held, status->executor->keys.held) != 0)
        findings_add(&status->findings, WARNING,
                     "router and executor are configured for different names of what is held: %s "
                     "and %s",
                     escaped(status->router->keys.held).text,
                     escaped(status->executor->keys.held).text);
}

static int read_sections(struct status *status, struct status_looks *looks)
{
    struct status_sample now;

    if (ask_time(&status->ask, &status->now_ms) < 0 || status_take_sample(status, &now) < 0)
        return -1;
    status->document = begin_document(status);
    judge_names(status);
    status_add_streams(status, trail_before(&looks->trail, now.at_ms), &now);
    trail_add(&looks->trail, &now);
    if (status_add_capacity(status) < 0 || status_add_keys(status) < 0 ||
        status_add_past(status) < 0 || add_dear(status, looks) < 0 ||
        status_add_services(status) < 0)
        return -1;
    status_add_certificate(status);
    document_put(status->document, "health",
                 json_string(severity_name(findings_health(&status->findings))));
    document_put(status->document, "findings", findings_json(&status->findings));
    return 0;
}

static struct status begin(const struct status_looks *looks, const struct ask *ask)
{
    return (struct status){.ask = *ask,
                           .router = looks->router,
                           .executor = looks->executor,
                           .limits = &looks->limits,
                           .intents_after = looks->intents_after};
}

int status_look_ahead(struct status_looks *looks, const struct ask *ask)
{
    struct status status = begin(looks, ask);
    struct status_sample sample;
    int result = status_take_sample(&status, &sample);

    if (result == 0)
        trail_add(&looks->trail, &sample);
    findings_free(&status.findings);
    return result;
}

int status_look_read(struct status_looks *looks, const struct ask *ask, json_t **ret_document)
{
    struct status status = begin(looks, ask);
    int result = read_sections(&status, looks);
    looks->router_answers = status.router_answers;

    findings_free(&status.findings);
    if (result == 0)
        *ret_document = status.document;
    else
        json_decref(status.document);
    return result;
}

enum severity status_look_health(json_t *document)
{
    const char *name = json_string_value(json_object_get(document, "health"));

    return name ? severity_of(name) : UNKNOWN;
}

void status_looks_release(struct status_looks *looks)
{
    while (looks->trail.count > 0)
        forget_first(&looks->trail);
    for (size_t i = 0; i < STATUS_DEAR; i++)
        forget(&looks->kept[i]);
}
