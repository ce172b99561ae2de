/* SPDX-License-Identifier: MIT */
/*
 * Another service's metrics, asked for over HTTP as Prometheus does. Waits half a second at most.
 */
#pragma once

#include <stdbool.h>

/* The page's text, to be freed; NULL: nobody answers there, or not with a page. */
char *metrics_look(const char *address);

/* The value of the sample that is named exactly so, labels included. */
bool metrics_find(const char *page, const char *sample, double *ret_value);
