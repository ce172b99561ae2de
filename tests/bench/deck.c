/* SPDX-License-Identifier: MIT */
#include "tests/bench/deck.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Where the next word goes. */
struct pen {
    char *at;
    char *end;
};

/* splitmix64 */
static uint64_t mix(uint64_t z)
{
    z += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static double between(uint64_t chance, double low, double high)
{
    return low + (high - low) * ((double)(chance >> 11) / 9007199254740992.0);
}

__attribute__((format(printf, 2, 3))) static void put(struct pen *pen, const char *format, ...)
{
    char word[DECK_BYTES_MAX];
    va_list arguments;

    va_start(arguments, format);
    int length = vsnprintf(word, sizeof word, format, arguments);
    va_end(arguments);
    assert(length >= 0 && (size_t)length < sizeof word);
    int written = snprintf(pen->at, (size_t)(pen->end - pen->at), "$%d\r\n%s\r\n", length, word);
    assert(written > 0 && written < pen->end - pen->at);
    pen->at += written;
}

static double confidence_of(const struct deck *deck, uint64_t chance)
{
    if (chance % 1000 >= deck->passing)
        return between(mix(chance), 0.3, 0.7499);
    return between(mix(chance), deck->low, deck->high);
}

static void put_payload(struct pen *pen, const struct deck *deck, uint64_t number)
{
    static const char *const regimes[] = {"trending", "ranging", "volatile", "unknown"};
    static const char *const models[] = {"ensemble_v3", "xgboost_v3", "lstm_v2", "patchtst"};
    uint64_t chance = mix(number);
    double price = between(mix(chance + 1), 0.5, 90000.0);

    put(pen,
        "{\"symbol\":\"S%03" PRIu64 "USDT\",\"side\":\"%s\",\"confidence\":%.4f,"
        "\"position_size_usd\":%.2f,\"leverage\":%" PRIu64 ",\"entry_price\":%.2f,"
        "\"stop_loss\":%.2f,\"take_profit\":%.2f,\"rl_gate_pass\":%s,\"regime\":\"%s\","
        "\"model\":\"%s\",\"strategy\":\"momentum\",\"reason\":\"breakout above the range high\"}",
        mix(chance + 2) % deck->symbols, chance >> 63 ? "BUY" : "SELL", confidence_of(deck, chance),
        between(mix(chance + 3), 20, 900), mix(chance + 4) % 20 + 1, price, price * 0.98,
        price * 1.04, chance >> 62 & 1 ? "true" : "false", regimes[chance >> 60 & 3],
        models[chance >> 58 & 3]);
}

size_t deck_write(const struct deck *deck, uint64_t number, char ret_bytes[static DECK_BYTES_MAX])
{
    struct pen pen = {ret_bytes, ret_bytes + DECK_BYTES_MAX};

    put(&pen, "event_type");
    put(&pen, "ai.decision.made");
    put(&pen, "payload");
    put_payload(&pen, deck, number);
    put(&pen, "timestamp");
    put(&pen, "2026-01-19T12:00:03.123Z");
    put(&pen, "source");
    put(&pen, "ai-engine");
    put(&pen, "trace_id");
    put(&pen, "trace-%016" PRIx64, mix(number + 7));
    put(&pen, "correlation_id");
    put(&pen, "decision-%016" PRIx64, mix(number + 8));
    return (size_t)(pen.at - ret_bytes);
}
