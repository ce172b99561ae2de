/* SPDX-License-Identifier: MIT */
/*
 * hiredis on libuv. The adapter that hiredis 0.14.1 ships loses connection errors: libuv stops a
 * poll handle on POLLERR and reports it once, by status, and that adapter ignores the status; a
 * refused connect or a reset connection then never calls back. Here an error status counts as every
 * event, and hiredis finds the error itself.
 */
#pragma once

#include <hiredis/async.h>
#include <uv.h>

/* 0, or libuv's error. The context's close detaches it; its memory goes once libuv has closed the
 * handle. */
int hiredis_uv_attach(redisAsyncContext *context, uv_loop_t *loop)
    __attribute__((warn_unused_result));

/* After so many readings, of 16 KiB at most each, the peer is listened to no more: hiredis keeps
 * what it is sent until a reply is whole. */
void hiredis_uv_bound(redisAsyncContext *context, unsigned readings);
