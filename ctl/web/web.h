/* SPDX-License-Identifier: MIT */
/*
 * quantumctl web: the page that shows the pipeline at a glance, served on a loopback address.
 */
#pragma once

#include "ctl/frame/command.h"

extern const struct ctl_command web_command;
