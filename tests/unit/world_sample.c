/* SPDX-License-Identifier: MIT */
#include "tests/unit/world_sample.h"

#include "router/scripts.h"

static struct router_settings settings_usual(void)
{
    static char signals[] = "signals", intents[] = "intents", open[] = "open", safe[] = "safe";
    static char commit[] = "commit", dedup[] = "dedup:", daily[] = "daily:", group[] = "router";
    static char leader[] = "leader", cooldown[] = "cool:", finisher[] = "executor";

    return (struct router_settings){
        .keys = {.signals = signals,
                 .intents = intents,
                 .open_orders = open,
                 .safe_mode = safe,
                 .commit = commit,
                 .dedup = dedup,
                 .daily_trades = daily,
                 .leader = leader,
                 .cooldown = cooldown,
                 .finisher = finisher,
                 .group = group},
        .dedup_ttl_sec = 300,
        .intent_maxlen = 10000,
        .in_flight_max_age_sec = 600,
        .plan = {.capacity = {.max_open = 10,
                              .target_open = 5,
                              .max_new_per_cycle = 2,
                              .super_confidence = 0.90,
                              .suspect_after = 10},
                 .sizing = {.max_position_usd = 10000.0, .factor = {1.30, 1.10}},
                 .max_age_ms = INT64_C(1000000000000000),
                 .one_per_symbol = true},
    };
}

void world_start(struct world *world)
{
    *world = (struct world){.snapshot = {.source = snapshot_lua}, .commit = {.source = commit_lua}};
    redis_server_start(&world->server);
    redis_server_teach(&world->server, &world->snapshot);
    redis_server_teach(&world->server, &world->commit);
}

static void forget(struct world *world)
{
    window_clear(&world->window);
    plan_release(&world->plan);
    snapshot_release(&world->seen);
}

void world_stop(struct world *world)
{
    forget(world);
    redis_server_stop(&world->server);
}

void world_begin(struct world *world)
{
    struct redis_server *server = &world->server;

    forget(world);
    world->settings = settings_usual();
    world->window =
        window_of(signal_of("BTC", 0.95, NOW_MS), signal_of("ETH", 0.94, NOW_MS + 1), NULL);
    redis_server_expect(server, "OK", "FLUSHALL");
    redis_server_expect(server, "OK", "SET open 1");
    redis_server_expect(server, "OK", "SET leader a:1");
    redis_server_expect(server, "2", "HSET commit epoch e1 seq 5");
    redis_server_expect(server, "OK", "XGROUP CREATE signals router 0 MKSTREAM");
    redis_server_expect(server, "1768824003000-0", "XADD signals 1768824003000-0 f v");
    redis_server_expect(server, "1768824003001-0", "XADD signals 1768824003001-0 f v");
    freeReplyObject(redis_server_ask(server, "XREADGROUP GROUP router consumer STREAMS signals >"));
}

redisReply *world_ask(struct world *world)
{
    struct command command;

    observe_command(&world->snapshot, &world->settings, &world->window, NOW_MS, &command);
    return redis_server_send(&world->server, &command);
}

void world_decide(struct world *world)
{
    redisReply *reply = world_ask(world);

    if (!observe_read(reply, world->window.count, &world->seen))
        fail_msg("%s", reply_shown(reply));
    freeReplyObject(reply);
    plan_make(&world->settings.plan, &world->seen, &world->window, &world->plan);
}

struct commit_answer world_commit(struct world *world, char **ret_ids)
{
    struct commit commit = {.script = &world->commit,
                            .settings = &world->settings,
                            .snapshot = &world->seen,
                            .window = &world->window,
                            .plan = &world->plan,
                            .cycle_id = "c-1",
                            .lease = "a:1"};
    struct commit_answer answer;
    struct command command;

    commit_command(&commit, &command);
    redisReply *reply = redis_server_send(&world->server, &command);
    *ret_ids = NULL;
    commit_read(reply, &answer, ret_ids);
    freeReplyObject(reply);
    return answer;
}
