/* SPDX-License-Identifier: MIT */
#include "ctl/explain/explain_text.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/calendar.h"
#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/base/number.h"
#include "ctl/explain/explain_why.h"
#include "ctl/frame/fold.h"
#include "ctl/frame/sheet.h"
#include "ctl/frame/span.h"
#include "ctl/frame/terminal.h"

enum {
    COLUMNS = 80,   /* in a pipe, of prose */
    WIDE = 100,     /* from here on a table has room for ids */
    LABEL_END = 13, /* where words stand behind their label */
    ROWS_MAX = 12,  /* of those above */
};

struct view {
    const struct explanation *explanation;
    struct terminal terminal;
    size_t columns;
    int64_t now_ms;
};

static struct view view_of(const struct explanation *explanation, int64_t now_ms)
{
    struct view view = {.explanation = explanation, .terminal = terminal_look(), .now_ms = now_ms};

    view.columns = view.terminal.is_one ? view.terminal.columns : COLUMNS;
    return view;
}

static void print_line(const struct view *view, const char *label, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* "cycle        17-42, …", folded under the words. */
static void print_line(const struct view *view, const char *label, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    char *words = memory_format_list(format, arguments);
    va_end(arguments);
    char *line = memory_format("%-*s%s", LABEL_END, label, words);
    fold_print_under(stdout, line, view->columns, LABEL_END);
    free(line);
    free(words);
}

/* "12:00:03.004 UTC" of today, else with its day. */
struct moment {
    char text[CALENDAR_ISO_MAX + 8];
};

static struct moment moment_of(int64_t ms, int64_t now_ms)
{
    enum { DAY_LENGTH = 10 }; /* "2026-01-19" */
    char iso[CALENDAR_ISO_MAX], now[CALENDAR_ISO_MAX];
    struct moment moment;

    calendar_iso(ms, iso);
    calendar_iso(now_ms, now);
    bool is_today = strncmp(iso, now, DAY_LENGTH) == 0;
    if (is_today)
        (void)snprintf(moment.text, sizeof moment.text, "%.12s UTC", iso + DAY_LENGTH + 1);
    else
        (void)snprintf(moment.text, sizeof moment.text, "%.10s %.12s UTC", iso,
                       iso + DAY_LENGTH + 1);
    return moment;
}

struct shortest {
    char text[NUMBER_TEXT_MAX];
};

static struct shortest shortest(double value)
{
    struct shortest number;

    number_shortest(value, number.text);
    return number;
}

/* "0.97": without the noise of its sum. */
static struct shortest score_text(double score)
{
    return shortest(number_round(score, 9));
}

static struct shortest share(double value)
{
    struct shortest number;

    share_print(value, number.text);
    return number;
}

/* --- the head */

static enum color color_of(const struct explanation *explanation)
{
    if (!explanation->has_fate)
        return COLOR_YELLOW;
    return explanation->own.fate == FATE_PUBLISHED ? COLOR_GREEN : COLOR_RED;
}

static void print_head(const struct view *view)
{
    const struct explanation *explanation = view->explanation;
    const struct explained_row *own = &explanation->own;
    const struct terminal *terminal = &view->terminal;
    char id[STREAM_ID_TEXT_MAX], age[SPAN_TEXT_MAX];
    int64_t born_ms = stream_id_time_ms(own->signal_id);

    stream_id_print(own->signal_id, id);
    span_print(view->now_ms > born_ms ? view->now_ms - born_ms : 0, age);
    if (explanation->has_terms)
        (void)printf("%s%s %s%s, confidence %s: ", terminal_on(terminal, COLOR_BOLD), own->symbol,
                     side_name(own->side), terminal_off(terminal, COLOR_BOLD),
                     share(own->confidence).text);
    else
        (void)printf("signal %s: ", id);
    (void)printf("%s%s%s%s\n", terminal_on(terminal, color_of(explanation)),
                 explanation_fate(explanation), terminal_off(terminal, color_of(explanation)),
                 explanation->state == EXPLAINED_DERIVED ? " (derived)" : "");
    print_line(view, "signal", "%s, %s, %s ago", id, moment_of(born_ms, view->now_ms).text, age);
}

static void print_open(const struct explanation *explanation, char *ret_text, size_t room)
{
    struct recorded_text value = {"?", 1};
    int64_t flying = explanation_world(explanation, "inflight");
    char rules[96] = "";

    (void)recorded_word(explanation_words(explanation), "open", &value);
    if (explanation->has_settings)
        (void)snprintf(rules, sizeof rules, " (aimed at %" PRId64 ", at most %" PRId64 ")",
                       explanation->rules.capacity.target_open,
                       explanation->rules.capacity.max_open);
    if (flying > 0)
        (void)snprintf(ret_text, room, "open orders %.*s and %" PRId64 " in flight%s",
                       (int)value.length, value.bytes, flying, rules);
    else
        (void)snprintf(ret_text, room, "open orders %.*s%s", (int)value.length, value.bytes, rules);
}

static void print_cycle(const struct view *view)
{
    const struct explanation *explanation = view->explanation;
    char id[STREAM_ID_TEXT_MAX], open[256];

    stream_id_print(explanation->record, id);
    print_open(explanation, open, sizeof open);
    print_line(view, "decided", "%s, in a window of %s",
               moment_of(explanation->at_ms, view->now_ms).text,
               counted((long long)explanation->candidates, "candidate", "candidates").text);
    print_line(view, "world", "%s; %" PRId64 " allowed%s%s", open, explanation->allowed,
               explanation_world(explanation, "safe") == 1 ? "; safe mode" : "",
               explanation_held_is_unknown(explanation) ? "; what is held was not known" : "");
    if (explanation->replayed.outcome == AGAIN_IDENTICAL)
        print_line(view, "record", "%s of cycle %s; decided again, it is identical", id,
                   escaped(explanation->cycle_id).text);
    else
        print_line(view, "record", "%s of cycle %s; decided again, it is %s: %s", id,
                   escaped(explanation->cycle_id).text, again_name(explanation->replayed.outcome),
                   explanation->replayed.why);
}

static void print_why(const struct view *view)
{
    char *why = explain_why(view->explanation);

    if (why)
        print_line(view, "why", "%s", why);
    free(why);
}

/* --- who stood above */

static bool is_wide(const struct view *view)
{
    return view->terminal.columns >= WIDE;
}

static void add_row(const struct view *view, struct sheet *sheet, const struct explained_row *row,
                    const char *became)
{
    char id[STREAM_ID_TEXT_MAX];

    stream_id_print(row->signal_id, id);
    if (row->rank > 0)
        sheet_add_format(sheet, "%u", row->rank);
    else
        sheet_add(sheet, "-");
    sheet_add(sheet, row->symbol);
    sheet_add(sheet, side_name(row->side));
    sheet_add(sheet, share(row->confidence).text);
    sheet_add(sheet, score_text(row->score).text);
    sheet_add(sheet, fate_name(row->fate));
    sheet_add(sheet, became);
    if (is_wide(view))
        sheet_add(sheet, id);
    sheet_color(sheet, row->fate == FATE_PUBLISHED ? COLOR_GREEN : COLOR_NONE);
}

static void add_explained(const struct view *view, struct sheet *sheet,
                          const struct explained_row *row)
{
    char became[RESULT_TEXT_MAX] = "";

    if (row->has_intent)
        result_print(&row->result, became);
    if (row->has_intent && !became[0])
        (void)snprintf(became, sizeof became, "no result yet");
    add_row(view, sheet, row, became);
}

/* A row that is a line. */
static void add_cut(const struct view *view, struct sheet *sheet, const char *score,
                    const char *word)
{
    const char *cells[] = {"──", "──", "──", "──", score, word, "", ""};

    for (size_t i = 0; i < sizeof cells / sizeof *cells - (is_wide(view) ? 0 : 1); i++)
        sheet_add(sheet, cells[i]);
    sheet_color(sheet, COLOR_DIM);
}

/* Where there are too many: those that were published, and those right above it. */
static bool is_shown(const struct explanation *explanation, size_t row)
{
    return explanation->above[row].fate == FATE_PUBLISHED ||
           explanation->above_count - row <= ROWS_MAX;
}

static size_t last_published(const struct explanation *explanation)
{
    size_t behind = 0;

    for (size_t i = 0; i < explanation->above_count; i++)
        if (explanation->above[i].fate == FATE_PUBLISHED)
            behind = i + 1;
    return behind;
}

static void print_table(const struct view *view)
{
    static const char *const wide[] = {"rank",  "<symbol", "<side",   "conf", "score",
                                       "<fate", "<became", "<signal", NULL};
    static const char *const narrow[] = {"rank",  "<symbol", "<side",   "conf",
                                         "score", "<fate",   "<became", NULL};
    const struct explanation *explanation = view->explanation;
    size_t cut_at = last_published(explanation), hidden = explanation->above_left;
    bool is_below = explanation->own.fate != FATE_PUBLISHED && explanation->has_cut;
    struct sheet sheet;

    sheet_init(&sheet, is_wide(view) ? wide : narrow);
    for (size_t i = 0; i < explanation->above_count; i++) {
        if (is_shown(explanation, i))
            add_explained(view, &sheet, &explanation->above[i]);
        else
            hidden++;
        if (is_below && i + 1 == cut_at)
            add_cut(view, &sheet, score_text(explanation->cut).text, "the cut");
    }
    add_explained(view, &sheet, &explanation->own);
    sheet_color(&sheet, COLOR_BOLD);
    (void)puts("");
    sheet_print(&sheet, stdout, &view->terminal);
    sheet_deinit(&sheet);
    if (hidden > 0)
        (void)printf("(%zu more above it are not shown)\n", hidden);
}

/* --- what would have passed it */

/* A confidence a hair above a round one is told as that. */
static void print_value(const struct would_change *change, char *ret_text, size_t room)
{
    enum { PLACES = 6 };
    double rounded = number_round(change->to_number, PLACES);
    bool is_hair =
        change->is_number && rounded < change->to_number && change->to_number - rounded < 1e-8;

    if (is_hair)
        (void)snprintf(ret_text, room, "more than %.24s", shortest(rounded).text);
    else if (change->to[0])
        (void)snprintf(ret_text, room, "%s", change->to);
    else
        (void)snprintf(ret_text, room, "\"\"");
}

static void print_passes(const struct view *view)
{
    const struct would_pass *would = &view->explanation->would;
    char value[WOULD_PASS_TEXT_MAX + 16];

    (void)puts("\nEach of these alone would have passed it:");
    for (size_t i = 0; i < would->count; i++) {
        const struct would_change *change = &would->passes[i];
        print_value(change, value, sizeof value);
        (void)printf("  %-28s %s, not %s\n", change->what, value, change->from);
    }
}

static void print_not_passes(const struct view *view, const char *words)
{
    const struct would_pass *would = &view->explanation->would;
    char *line = memory_text(words);

    for (size_t i = 0; i < would->not_count; i++)
        line = memory_extend(line, "%s %s", i > 0 ? "," : "", would->not_passes[i]);
    fold_print_under(stdout, line, view->columns, 2);
    free(line);
}

static void print_would(const struct view *view)
{
    const struct would_pass *would = &view->explanation->would;

    if (view->explanation->own.fate == FATE_PUBLISHED || would->decisions == 0)
        return;
    if (would->count > 0)
        print_passes(view);
    else
        (void)puts("");
    if (would->not_count > 0)
        print_not_passes(view, would->count > 0 ? "None of these alone would have:"
                                                : "None of these alone would have passed it:");
    if (!would->is_complete)
        (void)puts("(not all could be tried)");
}

/* --- the whole */

static void print_intent(const struct view *view)
{
    const struct explained_row *own = &view->explanation->own;
    char id[STREAM_ID_TEXT_MAX], became[RESULT_TEXT_MAX];

    if (!own->has_intent)
        return;
    stream_id_print(own->result.intent_id, id);
    result_print(&own->result, became);
    print_line(view, "intent", "%s: %s", id, became[0] ? became : "no result yet");
}

void explain_print(const struct explanation *explanation, int64_t now_ms)
{
    const struct view view = view_of(explanation, now_ms);

    print_head(&view);
    if (explanation->state == EXPLAINED_RECORDED) {
        print_cycle(&view);
        print_why(&view);
        print_intent(&view);
    }
    if (explanation->note[0])
        print_line(&view, explanation->state == EXPLAINED_RECORDED ? "" : "why", "%s",
                   explanation->note);
    if (explanation->state == EXPLAINED_RECORDED) {
        print_table(&view);
        print_would(&view);
    }
}

void explain_print_list(const struct explanations *explanations)
{
    static const char *const titles[] = {"<signal", "<symbol", "<side",   "conf",
                                         "<fate",   "rank",    "<became", NULL};
    const struct terminal terminal = terminal_look();
    struct sheet sheet;

    sheet_init(&sheet, titles);
    for (size_t i = 0; i < explanations->count; i++) {
        const struct explanation *explanation = &explanations->list[i];
        const struct explained_row *row = &explanation->own;
        char became[RESULT_TEXT_MAX] = "", id[STREAM_ID_TEXT_MAX];
        result_print(&row->result, became);
        stream_id_print(row->signal_id, id);
        sheet_add(&sheet, id);
        sheet_add(&sheet, row->symbol);
        sheet_add(&sheet, side_name(row->side));
        sheet_add(&sheet, share(row->confidence).text);
        sheet_add(&sheet, explanation_fate(explanation));
        if (row->rank > 0)
            sheet_add_format(&sheet, "%u of %zu", row->rank, explanation->of);
        else
            sheet_add(&sheet, "-");
        sheet_add(&sheet, became);
        sheet_color(&sheet, row->fate == FATE_PUBLISHED ? COLOR_GREEN : COLOR_NONE);
    }
    sheet_print(&sheet, stdout, &terminal);
    sheet_deinit(&sheet);
}
