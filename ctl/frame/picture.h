/* SPDX-License-Identifier: MIT */
/*
 * Pictures for a page, drawn as SVG into a file: rectangles, lines, points and words in a box of
 * its own measure, and axes with round numbers. How a class looks is the page's to say, by light
 * and dark. What is text is written as text.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct picture {
    FILE *out;
    double width, height;
};

/* The label is for those who do not see it. */
struct picture picture_begin(FILE *out, const char *label, double width, double height);
void picture_end(const struct picture *picture);

void picture_box(const struct picture *picture, const char *class, double x, double y, double width,
                 double height);
void picture_line(const struct picture *picture, const char *class, double x1, double y1, double x2,
                  double y2);
void picture_dot(const struct picture *picture, const char *class, double x, double y, double size);

/* Where words stand from their place. */
enum anchor { ANCHOR_START, ANCHOR_MIDDLE, ANCHOR_END };
void picture_words(const struct picture *picture, const char *class, enum anchor anchor, double x,
                   double y, const char *format, ...) __attribute__((format(printf, 6, 7)));

/* A line through points, or with a class that fills an area. */
struct point {
    double x, y;
};
void picture_path(const struct picture *picture, const char *class, const struct point *points,
                  size_t count);

/* --- scales: values along a stretch of the picture */

struct scale {
    double from, to;  /* values */
    double low, high; /* places */
    const char *unit; /* behind the largest number */
    bool is_signed;   /* numbers carry their sign */
};

double scale_place(const struct scale *scale, double value);

/* Round steps below the line at y, or to the left of the line at x; across the picture as far as
 * `reach` says. */
void picture_axis_below(const struct picture *picture, const struct scale *scale, double y,
                        double reach);
void picture_axis_left(const struct picture *picture, const struct scale *scale, double x,
                       double reach);
