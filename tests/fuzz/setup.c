/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/setup.h"

#include <string.h>

#include "tests/fuzz/target.h"
#include "tests/unit/settings_chance.h"

/* The bytes of an act, one after the other, and zeros behind them. */
static struct {
    const char *at;
    const char *end;
} drawn;

static size_t draw(size_t count)
{
    size_t byte = drawn.at < drawn.end ? (unsigned char)*drawn.at++ : 0;
    size_t more = count > 256 && drawn.at < drawn.end ? (unsigned char)*drawn.at++ : 0;

    return (byte + 256 * more) % count;
}

static void set(struct options *options, const char *key, const char *text)
{
    struct complaints complaints = {0};

    MUST(options_read_flag(options, key, text, &complaints) == 0 && complaints.count == 0);
}

void setup_lay_out(struct setup *setup)
{
    options_init(&setup->options, &router_options, &setup->settings);
    set(&setup->options, "capacity.symbol_cooldown_sec", "5");
    set(&setup->options, "capacity.super_max_per_hour", "2");
    set(&setup->options, "governor.max_per_minute", "5");
    set(&setup->options, "log.pipeline_diag", "true");
    set(&setup->options, "log.level", "debug");
    set(&setup->options, "lease.instance", "a");
}

void setup_put_away(struct setup *setup)
{
    if (!setup->options.table)
        return;
    router_settings_release(&setup->settings);
    options_release(&setup->options);
    *setup = (struct setup){0};
}

/* Takes what an act says; an option more than the table has is none. */
void setup_change(struct setup *setup, const char *text, size_t length)
{
    const struct option_origin *origin;
    size_t index;

    drawn.at = text;
    drawn.end = text + length;
    index = draw(128);
    if (options_row(&setup->options, index, &origin))
        settings_chance_at(&setup->options, index, draw);
}

bool setup_is_accepted(struct setup *setup)
{
    struct complaints complaints = {0};
    bool accepted;

    router_settings_check(&setup->options, &complaints);
    accepted = complaints.count == 0;
    complaints_free(&complaints);
    return accepted;
}

size_t setup_begin(struct setup *setup, const char *bytes, size_t length)
{
    size_t at = 0;

    setup_lay_out(setup);
    while (at < length && bytes[at] == 'o') {
        const char *stop = memchr(bytes + at, ACT_END, length - at);
        size_t end = stop ? (size_t)(stop - bytes) : length;
        setup_change(setup, bytes + at + 1, end - at - 1);
        at = stop ? end + 1 : length;
    }
    if (!setup_is_accepted(setup)) {
        setup_put_away(setup);
        setup_lay_out(setup);
        MUST(setup_is_accepted(setup));
    }
    return at;
}
