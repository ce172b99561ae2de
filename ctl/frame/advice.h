/* SPDX-License-Identifier: MIT */
/*
 * What to do about a Redis that was not reached or does not let us in, by what it or the system
 * said. Pure.
 */
#pragma once

const char *advice_on(const char *reason);
