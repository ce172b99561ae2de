/* SPDX-License-Identifier: MIT */
/*
 * SHA-256 (FIPS 180-4) of a short text, as 64 hexadecimal digits: the fixed-length stand-in for an
 * id that is too long or too strange to be a key. Pure.
 */
#pragma once

#include <stddef.h>

#define SHA256_TEXT_MAX 65

void sha256_text(const char *bytes, size_t length, char ret_text[static SHA256_TEXT_MAX]);
