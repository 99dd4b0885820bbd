/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * The socket plane's core: counts every packet of every inet socket where the socket is, and the packet filter of the
 * wire plane, which counts what has no local socket. UAPI contexts only, no CO-RE.
 */
#include "core/sockets.h"
#include "core/owners.h"
#include "core/tcp.h"
#include "core/frames.h"

char terms[] SEC("license") = "Dual BSD/GPL";
