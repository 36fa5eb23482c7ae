// SPDX-License-Identifier: BSD-3-Clause
// Part of Needletail, a control server for Tailscale clients.

#ifndef NEEDLETAIL_ALLOCATION_COUNT_H
#define NEEDLETAIL_ALLOCATION_COUNT_H

#include <stdbool.h>
#include <stdint.h>

/// Whether allocations are counted here: with glibc, in a program that this is linked into.
bool allocation_count_is_available(void);

/// How many blocks of memory the calling thread has asked for since it began, other threads not counted.
uint64_t allocation_count(void);

#endif
