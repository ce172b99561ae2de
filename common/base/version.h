/* SPDX-License-Identifier: MIT */
/*
 * The version that was built, with its commit: "0.1.0+8e6ed09c1f2a", ".dirty" behind it where files
 * were not committed, and without the commit where nothing told it (deploy/version).
 */
#pragma once

extern const char quantum_version[];
