/* SPDX-License-Identifier: MIT */
/*
 * Everything about a decision follows from the run's key and the decision's number, so that a
 * repeat is the same decision made again.
 */
#include "ctl/write/generator.h"

#include <assert.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

#define KEPT_FROM 0.75 /* a repeat of what no router took would show nothing */

struct market {
    const char *symbol;
    double price;
    int decimals;
};

static const struct market markets[] = {
    {"BTCUSDT", 96400.0, 1}, {"ETHUSDT", 3310.0, 2},      {"BNBUSDT", 702.0, 2},
    {"SOLUSDT", 208.0, 2},   {"XRPUSDT", 2.41, 4},        {"ADAUSDT", 0.98, 4},
    {"DOGEUSDT", 0.364, 5},  {"AVAXUSDT", 38.6, 3},       {"LINKUSDT", 24.1, 3},
    {"DOTUSDT", 7.02, 3},    {"LTCUSDT", 118.0, 2},       {"TRXUSDT", 0.247, 5},
    {"ATOMUSDT", 6.61, 3},   {"NEARUSDT", 5.24, 3},       {"APTUSDT", 8.93, 3},
    {"ARBUSDT", 0.742, 4},   {"OPUSDT", 1.86, 4},         {"SUIUSDT", 4.37, 4},
    {"INJUSDT", 21.9, 3},    {"1000PEPEUSDT", 0.0178, 7},
};

static const char *const regimes[] = {"trending_up", "trending_down", "ranging", "volatile",
                                      "unknown"};
static const char *const models[] = {"ensemble", "xgboost_v3", "lstm_v2", "patchtst", "rl_ppo"};
static const char *const strategies[] = {"momentum", "mean_reversion", "breakout", "trend_follow"};
static const double leverages[] = {1, 2, 3, 5, 10, 20};

#define COUNT(array) (sizeof(array) / sizeof *(array))

/* What is wrong with an invalid signal. */
enum flaw {
    FLAW_NONE,
    FLAW_SYMBOL_SHORT,
    FLAW_SYMBOL_CHAR,
    FLAW_NO_SYMBOL,
    FLAW_SIDE,
    FLAW_NO_SIDE,
    FLAW_CONFIDENCE_RANGE,
    FLAW_CONFIDENCE_TEXT,
    FLAW_NO_CONFIDENCE,
    FLAW_SIZE,
    FLAW_LEVERAGE,
    FLAW_TORN,
    FLAW_COUNT,
};

/* What a decision comes to before it is written down. */
struct decision {
    const struct market *market;
    const char *side;
    double confidence, price;
    enum flaw flaw;
};

/* splitmix64: one to one, so that different numbers stay different. */
static uint64_t mix(uint64_t z)
{
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

static const uint64_t step = 0x9e3779b97f4a7c15;

static uint64_t draw(uint64_t *chance)
{
    *chance += step;
    return mix(*chance);
}

/* From 0 to below 1. */
static double draw_part(uint64_t *chance)
{
    return (double)(draw(chance) >> 11) / 9007199254740992.0;
}

static double draw_between(uint64_t *chance, double low, double high)
{
    return low + (high - low) * draw_part(chance);
}

static size_t draw_below(uint64_t *chance, size_t below)
{
    return (size_t)((draw(chance) >> 32) % below);
}

static bool draw_percent(uint64_t *chance, size_t percent)
{
    return draw_below(chance, 100) < percent;
}

void generator_init(struct generator *generator, uint64_t seed)
{
    *generator = (struct generator){.key = mix(seed + step)};
}

void generator_deinit(struct generator *generator)
{
    draft_free(&generator->draft);
}

/* The bands do not touch: rounding moves no confidence over an edge. */
static double draw_confidence(uint64_t *chance)
{
    size_t band = draw_below(chance, 100);

    if (band < 68)
        return draw_between(chance, 0.30, 0.7499);
    return band < 94 ? draw_between(chance, 0.7501, 0.8999) : draw_between(chance, 0.9001, 0.99);
}

static const char *draw_side(uint64_t *chance)
{
    size_t part = draw_below(chance, 100);

    if (part < 6)
        return part < 2 ? "CLOSE" : "HOLD";
    return part < 53 ? "BUY" : "SELL";
}

/* From -1 to 1: straight from one drawn corner to the next, a period apart. */
static double swing(uint64_t key, uint64_t number, uint64_t period)
{
    double ends[2];

    for (size_t i = 0; i < 2; i++) {
        uint64_t chance = key ^ mix(number / period + i);
        ends[i] = draw_between(&chance, -1, 1);
    }
    return ends[0] + (ends[1] - ends[0]) * (double)(number % period) / (double)period;
}

/* A walk that never leaves 3 percent around the usual price. */
static double price_at(uint64_t key, const struct market *market, uint64_t number)
{
    static const struct {
        uint64_t period;
        double share;
    } swings[] = {{2000, 0.018}, {250, 0.009}, {30, 0.003}};
    double moved = 0;

    for (size_t i = 0; i < COUNT(swings); i++) {
        uint64_t own = mix(key ^ mix((uint64_t)(market - markets) * COUNT(swings) + i + step));
        moved += swings[i].share * swing(own, number, swings[i].period);
    }
    return market->price * (1 + moved);
}

bool generator_price(const struct generator *generator, size_t index,
                     struct generated_price *ret_price)
{
    if (index >= COUNT(markets))
        return false;
    const struct market *market = &markets[index];
    ret_price->symbol = market->symbol;
    (void)snprintf(ret_price->text, sizeof ret_price->text, "%.*f", market->decimals,
                   price_at(generator->key, market, generator->decided));
    return true;
}

static struct decision decide(uint64_t key, uint64_t number, uint64_t *chance)
{
    struct decision decision = {.market = &markets[draw_below(chance, COUNT(markets))]};

    decision.side = draw_side(chance);
    decision.confidence = draw_confidence(chance);
    decision.price = price_at(key, decision.market, number);
    if (draw_percent(chance, 3)) {
        /* Sure of itself, or it would be dropped for its low confidence. */
        decision.confidence = draw_between(chance, 0.76, 0.99);
        decision.flaw = (enum flaw)(1 + draw_below(chance, FLAW_COUNT - 1));
    }
    return decision;
}

/* A value that lives as long as the signal. */
__attribute__((format(printf, 2, 3))) static const char *print(struct generator *generator,
                                                               const char *format, ...)
{
    va_list arguments;

    assert(generator->text_count < GENERATOR_TEXTS_MAX);
    char *text = generator->texts[generator->text_count++];
    va_start(arguments, format);
    int length = vsnprintf(text, GENERATOR_TEXT_ROOM, format, arguments);
    va_end(arguments);
    assert(length >= 0 && length < GENERATOR_TEXT_ROOM);
    return text;
}

static void write_envelope(struct generator *generator, uint64_t number, int64_t moment_ms)
{
    struct draft *draft = &generator->draft;
    char iso[CALENDAR_ISO_MAX];
    uint64_t id = mix(generator->key ^ mix(number));

    calendar_iso(moment_ms, iso);
    draft_add_text(draft, "event_type", "ai.decision.made");
    draft_add_text(draft, "timestamp", print(generator, "%s", iso));
    draft_add_text(draft, "source", "ai-engine");
    draft_add_text(draft, "trace_id", print(generator, "trace-%016" PRIx64, mix(id)));
    draft_add_text(draft, "correlation_id", print(generator, "decision-%016" PRIx64, id));
}

static void write_symbol(struct draft *draft, const struct decision *decision)
{
    if (decision->flaw == FLAW_SYMBOL_SHORT)
        draft_add_text(draft, "symbol", "B");
    else if (decision->flaw == FLAW_SYMBOL_CHAR)
        draft_add_text(draft, "symbol", "BTC/USDT");
    else if (decision->flaw != FLAW_NO_SYMBOL)
        draft_add_text(draft, "symbol", decision->market->symbol);
}

static void write_side(struct generator *generator, const struct decision *decision)
{
    const char *name = draw_percent(&generator->chance, 30) ? "action" : "side";

    if (decision->flaw != FLAW_NO_SIDE)
        draft_add_text(&generator->draft, name,
                       decision->flaw == FLAW_SIDE ? "MAYBE" : decision->side);
}

static void write_sizes(struct generator *generator, const struct decision *decision)
{
    struct draft *draft = &generator->draft;
    uint64_t *chance = &generator->chance;
    double size = draw_between(chance, 20, 900);
    double leverage = leverages[draw_below(chance, COUNT(leverages))];

    size = draw_percent(chance, 10) ? size * 5 : size;
    if (decision->flaw == FLAW_SIZE)
        size = -size;
    if (decision->flaw == FLAW_LEVERAGE)
        leverage = 0;
    draft_add(draft, "position_size_usd", print(generator, "%.2f", size));
    draft_add(draft, "leverage", print(generator, "%g", leverage));
    if (draw_percent(chance, 40))
        draft_add(draft, "quantity", print(generator, "%.6f", size / decision->price));
}

static void write_prices(struct generator *generator, const struct decision *decision)
{
    struct draft *draft = &generator->draft;
    uint64_t *chance = &generator->chance;
    int decimals = decision->market->decimals;
    double risk = draw_between(chance, 0.005, 0.03) * (decision->side[0] == 'S' ? -1 : 1);
    double price = decision->price;

    draft_add(draft, "entry_price", print(generator, "%.*f", decimals, price));
    draft_add(draft, "stop_loss", print(generator, "%.*f", decimals, price * (1 - risk)));
    draft_add(draft, "take_profit", print(generator, "%.*f", decimals, price * (1 + 2 * risk)));
}

static void write_reasons(struct generator *generator)
{
    struct draft *draft = &generator->draft;
    uint64_t *chance = &generator->chance;

    draft_add(draft, "rl_gate_pass", draw_percent(chance, 45) ? "true" : "false");
    if (draw_percent(chance, 85))
        draft_add_text(draft, "regime", regimes[draw_below(chance, COUNT(regimes))]);
    draft_add_text(draft, "model", models[draw_below(chance, COUNT(models))]);
    draft_add_text(draft, "strategy", strategies[draw_below(chance, COUNT(strategies))]);
}

/* The last field, so that a torn flat entry lacks it. */
static void write_confidence(struct generator *generator, const struct decision *decision)
{
    struct draft *draft = &generator->draft;

    if (decision->flaw == FLAW_CONFIDENCE_TEXT)
        draft_add_text(draft, "confidence", "high");
    else if (decision->flaw == FLAW_CONFIDENCE_RANGE)
        draft_add(draft, "confidence", print(generator, "%.4f", 1 + decision->confidence));
    else if (decision->flaw != FLAW_NO_CONFIDENCE)
        draft_add(draft, "confidence", print(generator, "%.4f", decision->confidence));
    draft->is_torn = decision->flaw == FLAW_TORN;
}

static struct decision make(struct generator *generator, uint64_t number, int64_t moment_ms)
{
    generator->chance = generator->key + mix(number + step);
    generator->text_count = 0;
    draft_clear(&generator->draft);
    struct decision decision = decide(generator->key, number, &generator->chance);
    write_envelope(generator, number, moment_ms);
    write_symbol(&generator->draft, &decision);
    write_side(generator, &decision);
    write_sizes(generator, &decision);
    write_prices(generator, &decision);
    write_reasons(generator);
    write_confidence(generator, &decision);
    return decision;
}

static void keep(struct generator *generator, uint64_t number, const struct decision *decision)
{
    bool is_order = decision->side[0] == 'B' || decision->side[0] == 'S';

    if (is_order && decision->flaw == FLAW_NONE && decision->confidence >= KEPT_FROM)
        generator->kept[generator->kept_count++ % GENERATOR_KEPT_MAX] = number;
}

static size_t kept_now(const struct generator *generator)
{
    return generator->kept_count < GENERATOR_KEPT_MAX ? generator->kept_count : GENERATOR_KEPT_MAX;
}

struct generated generator_next(struct generator *generator, int64_t moment_ms)
{
    uint64_t chance = mix(generator->key ^ ++generator->drawn);
    size_t kept = kept_now(generator);
    bool is_repeat = draw_percent(&chance, 3) && kept > 0;
    uint64_t number = is_repeat ? generator->kept[draw_below(&chance, kept)] : generator->decided++;
    struct decision decision = make(generator, number, moment_ms);

    if (!is_repeat)
        keep(generator, number, &decision);
    return (struct generated){decision.confidence, decision.flaw != FLAW_NONE, is_repeat};
}
