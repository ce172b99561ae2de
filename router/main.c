/* SPDX-License-Identifier: MIT */
/*
 * quantum-router: reads AI signals, keeps the best of each window, publishes trade intents.
 */
#include "common/log/log.h"
#include "common/redis/settings.h"
#include "common/service/daemon.h"
#include "router/router.h"
#include "router/tell/metrics.h"
#include "router/tell/vitals.h"

static struct router router;
static struct vitals vitals;

static void list_warnings(const struct options *options, struct complaints *warnings)
{
    router_settings_warn(options->values, warnings);
    redis_exposed_warn(options, warnings);
}

static void release(void *settings)
{
    router_settings_release(settings);
}

static void introduce(const void *data, const char *config_path)
{
    const struct router_settings *settings = data;

    log_adopt(&settings->log);
    report_start(settings, config_path);
}

static void start(uv_loop_t *loop, void *settings)
{
    vitals_start(&vitals, loop, settings, &router.intake, &router.cycle);
    router_start(&router, loop, settings, (struct router_observer){vitals_told, &vitals});
}

static void stop(void)
{
    service_vitals_stop(&vitals.service);
    router_stop(&router);
}

static void reloading(void)
{
    service_vitals_reloading(&vitals.service);
}

static void reload(const void *fresh)
{
    if (fresh)
        router_reload(&router, fresh);
    else
        service_vitals_reload_failed(&vitals.service);
}

static void ended(void)
{
    router_deinit(&router);
    vitals_deinit(&vitals);
    report_stopped(&vitals.report);
}

static const struct daemon_service service = {
    .program = {.name = "quantum-router",
                .purpose =
                    "Reads AI trade signals, keeps each window's best and publishes trade intents.",
                .config_path = "/etc/quantum/router.conf",
                .is_service = true,
                .usual = OPTION_KEYS(
                    "prefix", "redis.url", "capacity.max_open", "capacity.target_open",
                    "capacity.max_new_per_cycle", "capacity.super_confidence",
                    "governor.max_daily_trades", "window.seconds", "window.min_confidence",
                    "window.signal_max_age_sec", "sizing.max_position_usd", "sizing.max_leverage",
                    "metrics.listen", "safety.also", "log.level"),
                .list_metrics = metrics_list,
                .check = router_settings_check,
                .warn = list_warnings},
    .table = &router_options,
    .settings_size = sizeof(struct router_settings),
    .release = release,
    .when = "at the next window",
    .introduce = introduce,
    .start = start,
    .stop = stop,
    .reloading = reloading,
    .reload = reload,
    .ended = ended,
};

int main(int argc, char **argv)
{
    return daemon_main(&service, argc, argv);
}
