/* SPDX-License-Identifier: MIT */
#include "tests/unit/settings_chance.h"

#include <math.h>
#include <stdio.h>

#include "common/base/number.h"

enum { TEXT_ROOM = NUMBER_TEXT_MAX };

/* Each order of magnitude as likely as any other. */
static double spread(const struct option_row *row, settings_draw_fn *draw)
{
    double least = fmax(fmax(row->min, row->max / 1e6), 1e-6);
    double part = (double)draw(1000) / 999.0;

    return fmin(row->max, fmax(row->min, least * pow(row->max / least, part)));
}

static double number_by_chance(const struct option_row *row, settings_draw_fn *draw)
{
    double step = row->type == OPTION_INT ? 1.0 : (row->max - row->min) / 1000.0;

    switch (draw(5)) {
    case 0:
        return row->min;
    case 1:
        return row->max;
    case 2:
        return fmin(row->max, row->min + step);
    case 3:
        return fmax(row->min, row->max - step);
    default:
        return row->type == OPTION_INT ? round(spread(row, draw)) : spread(row, draw);
    }
}

static size_t choices_of(const struct option_row *row)
{
    size_t count = 0;

    while (row->choices[count])
        count++;
    return count;
}

void settings_chance_at(struct options *options, size_t index, settings_draw_fn *draw)
{
    struct complaints complaints = {0};
    const struct option_origin *origin;
    const struct option_row *row = options_row(options, index, &origin);
    char text[TEXT_ROOM];

    if (row->type == OPTION_INT)
        (void)snprintf(text, sizeof text, "%.0f", number_by_chance(row, draw));
    else if (row->type == OPTION_REAL)
        number_shortest(number_by_chance(row, draw), text);
    else if (row->type == OPTION_BOOL)
        (void)snprintf(text, sizeof text, "%s", draw(2) ? "true" : "false");
    else if (row->type == OPTION_CHOICE)
        (void)snprintf(text, sizeof text, "%s", row->choices[draw(choices_of(row))]);
    else
        return;
    (void)!options_read_flag(options, row->key, text, &complaints);
    complaints_free(&complaints);
}

void settings_chance(struct options *options, settings_draw_fn *draw)
{
    static const size_t shares[] = {30, 10, 3, 1}; /* one option in so many gets a value */
    size_t share = shares[draw(sizeof shares / sizeof *shares)];
    const struct option_origin *origin;

    for (size_t i = 0; options_row(options, i, &origin); i++)
        if (draw(share) == 0)
            settings_chance_at(options, i, draw);
}
