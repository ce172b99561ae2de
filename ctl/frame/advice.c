/* SPDX-License-Identifier: MIT */
#include "ctl/frame/advice.h"

#include <stddef.h>
#include <string.h>

/* By how the reason begins. */
static const struct {
    const char *reason, *advice;
} advices[] = {
    {"NOAUTH", "give a password with redis.password_file, or a user and password in REDIS_URL"},
    {"WRONGPASS", "correct the password in redis.password_file, or user and password in REDIS_URL"},
    {"ERR AUTH", "Redis has no password: take it out of redis.password_file and REDIS_URL"},
    {"NOPERM", "name a user who may, with its password, in REDIS_URL, or change Redis's ACL"},
    {"DENIED", "Redis takes only its own machine until it has a password: see its protected-mode"},
    {"ERR DB index", "name another database in redis.url or REDIS_URL"},
    {"ERR max number of clients", "close some of its clients, or raise its maxclients"},
    {"LOADING", "it reads its data; wait until it is done"},
    {"Permission denied", "be in the group of the socket, or run as root"},
    {"no answer in time", "it is overloaded or something is between; see redis-cli --latency"},
};

const char *advice_on(const char *reason)
{
    for (size_t i = 0; i < sizeof advices / sizeof *advices; i++)
        if (strncmp(reason, advices[i].reason, strlen(advices[i].reason)) == 0)
            return advices[i].advice;
    return "start it, or name another with --redis.url or REDIS_URL (Debian's own: systemctl "
           "enable --now redis-server)";
}
