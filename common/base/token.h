/* SPDX-License-Identifier: MIT */
/*
 * A token: 128 random bits in hexadecimal. No two, of whatever process, are ever the same.
 */
#pragma once

/* Its digits and a NUL. */
#define TOKEN_MAX 33

void token_draw(char ret_token[static TOKEN_MAX]);
