// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

#include <stddef.h>
#include <stdint.h>

// What libclang_rt.fuzzer_no_main offers to a program with a main of its own; no header comes with it.
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*callback)(const uint8_t *data, size_t size));
