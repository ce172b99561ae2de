/* SPDX-License-Identifier: MIT */
#include "ctl/frame/picture.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>

#include "common/base/memory.h"
#include "ctl/frame/page.h"

enum { STEPS_MAX = 5 };

/* --- the picture */

struct picture picture_begin(FILE *out, const char *label, double width, double height)
{
    (void)fprintf(out, "<svg viewBox=\"0 0 %g %g\" role=\"img\" aria-label=\"", width, height);
    page_put(out, label);
    (void)fputs("\">\n", out);
    return (struct picture){out, width, height};
}

void picture_end(const struct picture *picture)
{
    (void)fputs("</svg>\n", picture->out);
}

void picture_box(const struct picture *picture, const char *class, double x, double y, double width,
                 double height)
{
    (void)fprintf(picture->out,
                  "<rect class=\"%s\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>\n",
                  class, x, y, width > 0 ? width : 0, height > 0 ? height : 0);
}

void picture_line(const struct picture *picture, const char *class, double x1, double y1, double x2,
                  double y2)
{
    (void)fprintf(picture->out,
                  "<line class=\"%s\" x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\"/>\n", class,
                  x1, y1, x2, y2);
}

void picture_dot(const struct picture *picture, const char *class, double x, double y, double size)
{
    (void)fprintf(picture->out, "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"%.1f\"/>\n",
                  class, x, y, size);
}

void picture_words(const struct picture *picture, const char *class, enum anchor anchor, double x,
                   double y, const char *format, ...)
{
    static const char *const anchors[] = {"start", "middle", "end"};
    va_list arguments;

    va_start(arguments, format);
    char *text = memory_format_list(format, arguments);
    va_end(arguments);
    (void)fprintf(picture->out, "<text class=\"%s\" text-anchor=\"%s\" x=\"%.1f\" y=\"%.1f\">",
                  class, anchors[anchor], x, y);
    page_put(picture->out, text);
    (void)fputs("</text>\n", picture->out);
    free(text);
}

void picture_path(const struct picture *picture, const char *class, const struct point *points,
                  size_t count)
{
    (void)fprintf(picture->out, "<path class=\"%s\" d=\"", class);
    for (size_t i = 0; i < count; i++)
        (void)fprintf(picture->out, "%c%.1f %.1f", i == 0 ? 'M' : 'L', points[i].x, points[i].y);
    (void)fputs("\"/>\n", picture->out);
}

/* --- scales */

double scale_place(const struct scale *scale, double value)
{
    double span = scale->to - scale->from;

    return span > 0 ? scale->low + (value - scale->from) / span * (scale->high - scale->low)
                    : scale->low;
}

/* 1, 2 or 5 of a power of ten. */
static double step_of(const struct scale *scale)
{
    double least = (scale->to - scale->from) / STEPS_MAX;
    double power = pow(10, floor(log10(least)));

    for (int i = 0; i < 3; i++) {
        static const double round_[] = {1, 2, 5};
        if (round_[i] * power >= least * 0.999)
            return round_[i] * power;
    }
    return 10 * power;
}

/* A step's number, with as many places as the steps need. */
static void put_number(const struct picture *picture, const struct scale *scale, enum anchor anchor,
                       double x, double y, double value)
{
    double step = step_of(scale);
    int places = step >= 1 ? 0 : (int)ceil(-log10(step) - 1e-9);
    bool is_last = value + step > scale->to + step * 1e-6;

    if (fabs(value) < step / 2)
        value = 0;
    char *text = scale->is_signed && value != 0 ? memory_format("%+.*f", places, value)
                                                : memory_format("%.*f", places, value);
    picture_words(picture, "axis", anchor, x, y, "%s%s%s", text, is_last ? " " : "",
                  is_last ? scale->unit : "");
    free(text);
}

/* The steps in it, of which the first is `*ret_first`. */
static int steps_of(const struct scale *scale, double *ret_first)
{
    double step = step_of(scale);

    if (!(scale->to > scale->from))
        return 0;
    *ret_first = ceil(scale->from / step - 1e-9) * step;
    return 1 + (int)floor((scale->to - *ret_first) / step + 1e-6);
}

static const char *class_of(const struct scale *scale, double value)
{
    return fabs(value) < step_of(scale) / 2 ? "zero" : "grid";
}

void picture_axis_below(const struct picture *picture, const struct scale *scale, double y,
                        double reach)
{
    double first = 0;
    int steps = steps_of(scale, &first);

    for (int i = 0; i < steps; i++) {
        double value = first + i * step_of(scale), x = scale_place(scale, value);
        picture_line(picture, class_of(scale, value), x, y, x, y - reach);
        put_number(picture, scale, ANCHOR_MIDDLE, x, y + 14, value);
    }
}

void picture_axis_left(const struct picture *picture, const struct scale *scale, double x,
                       double reach)
{
    double first = 0;
    int steps = steps_of(scale, &first);

    for (int i = 0; i < steps; i++) {
        double value = first + i * step_of(scale), y = scale_place(scale, value);
        picture_line(picture, class_of(scale, value), x, y, x + reach, y);
        put_number(picture, scale, ANCHOR_END, x - 4, y + 4, value);
    }
}
