/* SPDX-License-Identifier: MIT */
/*
 * What a service tells at its metrics port, asked once and waited for a moment only.
 */
#pragma once

#include <stdbool.h>

/* The page of this path, which the caller frees; NULL: nobody answers there. */
char *service_page_read(const char *address, const char *path);

/* The value of a sample: its name, with its labels. */
bool service_page_find(const char *page, const char *sample, double *ret_value);
