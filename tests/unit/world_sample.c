/* SPDX-License-Identifier: MIT */
#include "tests/unit/world_sample.h"

#include "router/act/scripts.h"

struct world world;

static const struct plan_rules rules = {
    .capacity = {.max_open = 10,
                 .target_open = 5,
                 .max_new_per_cycle = 2,
                 .super_confidence = 0.90,
                 .suspect_after = 10},
    .sizing = {.max_position_usd = 10000.0, .factor = {1.30, 1.10}},
    .max_age_ms = INT64_C(1000000000000000),
    .one_per_symbol = true,
};

int world_set_up(void **state)
{
    (void)state;
    world = (struct world){.snapshot = {.source = snapshot_lua}, .commit = {.source = commit_lua}};
    redis_server_start(&world.server);
    redis_server_teach(&world.server, &world.snapshot);
    redis_server_teach(&world.server, &world.commit);
    return 0;
}

static void forget(struct world *old)
{
    window_clear(&old->window);
    plan_release(&old->plan);
    snapshot_release(&old->seen);
    record_release(&old->record);
}

int world_tear_down(void **state)
{
    (void)state;
    forget(&world);
    redis_server_stop(&world.server);
    return 0;
}

int world_renew(void **state)
{
    (void)state;
    world_begin();
    return 0;
}

void world_begin(void)
{
    struct redis_server *server = &world.server;

    forget(&world);
    world.settings = settings_sample(&rules);
    world.window =
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

redisReply *world_ask(void)
{
    struct command command;

    router_look_command(&world.snapshot, &world.settings, &world.window, NOW_MS, LOOK_ALL,
                        &command);
    return redis_server_send(&world.server, &command);
}

void world_look(struct snapshot *ret_snapshot)
{
    struct command beside = {0};
    redisReply *reply = world_ask();

    if (!router_look_read(reply, world.window.count, ret_snapshot))
        fail_msg("%s", reply_shown(reply));
    router_look_beside(&world.settings.keys, &beside);
    redisReply *held = redis_server_send(&world.server, &beside);
    router_look_read_held(reply, held, &world.window, ret_snapshot);
    freeReplyObject(held);
    freeReplyObject(reply);
}

void world_decide(void)
{
    world_look(&world.seen);
    plan_make(&world.settings.plan, &world.seen, &world.window, &world.plan);
}

void world_record(const char *records_end)
{
    static const struct unrecorded nothing;
    const struct record_source source = {.snapshot = &world.seen,
                                         .window = &world.window,
                                         .plan = &world.plan,
                                         .unrecorded = &nothing,
                                         .cycle_id = "c-1",
                                         .instance = "alpha",
                                         .version = "0.1.0",
                                         .settings = "5e77",
                                         .prev = "ab12"};

    record_release(&world.record);
    record_make(&source, &world.record);
    world.records_end = records_end;
    world.records_max = 1000;
}

struct commit_answer world_commit(char **ret_ids)
{
    struct commit commit = {.script = &world.commit,
                            .settings = &world.settings,
                            .snapshot = &world.seen,
                            .window = &world.window,
                            .plan = &world.plan,
                            .cycle_id = "c-1",
                            .lease = "a:1",
                            .record = world.record.text[0] ? &world.record : NULL,
                            .records_end = world.records_end,
                            .records_max = world.records_max};
    struct commit_answer answer;
    struct command command;

    commit_command(&commit, &command);
    redisReply *reply = redis_server_send(&world.server, &command);
    *ret_ids = NULL;
    commit_read(reply, &answer, ret_ids);
    freeReplyObject(reply);
    return answer;
}
