/* SPDX-License-Identifier: MIT */
#include "common/log/log.h"

#include <assert.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "common/base/escape.h"
#include "common/log/log_ids.h"

#define MARK        "…"
#define MARK_LENGTH (sizeof MARK - 1)
#define FRAME_MAX                                                                                  \
    512 /* what stands around text and fields: time and level, or MESSAGE=, PRIORITY=… */
#define JOURNAL_SOCKET "/run/systemd/journal/socket"
#define WRITE_TRIES    8 /* against signals that arrive faster than a line is written */

static_assert(LOG_LINE_MAX + FRAME_MAX < PIPE_BUF, "a line is written whole or not at all");

const char *const log_level_names[] = {"error", "warn", "info", "debug", NULL};

static const char *const level_titles[] = {"ERROR", "WARNING", "INFO", "DEBUG"};
static const int syslog_priorities[] = {3, 4, 6, 7};

static struct {
    const char *program;
    enum log_level level;
    bool pictures;
    bool journal;
    uint64_t dropped;
    uint64_t unreported; /* of these, since the last LOG_DROPPED */
} log_state = {.program = "quantum", .level = LEVEL_INFO, .pictures = true};

static struct {
    int socket;
    struct sockaddr_un address;
} journal = {.socket = -1};

static bool stderr_is_journal(void)
{
    const char *stream = getenv("JOURNAL_STREAM");
    struct stat status;

    if (!stream || fstat(STDERR_FILENO, &status) != 0)
        return false;
    char ours[64];
    (void)snprintf(ours, sizeof ours, "%ju:%ju", (uintmax_t)status.st_dev,
                   (uintmax_t)status.st_ino);
    return strcmp(stream, ours) == 0;
}

/* Tests bring a socket of their own. */
static bool find_address(void)
{
    const char *path = getenv("QUANTUM_JOURNAL_SOCKET");

    if (!path || *path == '\0')
        path = JOURNAL_SOCKET;
    size_t length = strlen(path);
    if (length >= sizeof journal.address.sun_path || access(path, W_OK) != 0)
        return false;
    journal.address = (struct sockaddr_un){.sun_family = AF_UNIX};
    memcpy(journal.address.sun_path, path, length);
    return true;
}

/* Whether stderr is the journal, as $JOURNAL_STREAM ("device:inode") says. Opens the socket if so.
 */
static bool journal_open(void)
{
    if (journal.socket >= 0)
        close(journal.socket);
    journal.socket = -1;
    if (stderr_is_journal() && find_address())
        journal.socket = socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    return journal.socket >= 0;
}

/* The journal's native protocol, by hand because sd_journal_sendv() waits when the journal does,
 * and a log must never stop the service. Sends "KEY=value\n" lines as one datagram, addressed again
 * each time instead of connected once, so that a journal that was restarted is found again. */
static bool journal_send(const char *fields, size_t length)
{
    ssize_t sent = sendto(journal.socket, fields, length, MSG_DONTWAIT | MSG_NOSIGNAL,
                          (const struct sockaddr *)&journal.address, sizeof journal.address);

    return sent == (ssize_t)length;
}

#define AT(member) offsetof(struct log_settings, member)

const struct option_row log_option_rows[] = {
    {.key = "log.level",
     .type = OPTION_CHOICE,
     .offset = AT(level),
     .choices = log_level_names,
     .fallback = "info",
     .reloadable = true,
     .help = "what is logged"},
    {.key = "log.emoji",
     .type = OPTION_BOOL,
     .offset = AT(emoji),
     .fallback = "true",
     .reloadable = true,
     .help = "pictures in front of log lines"},
    {.key = "log.pipeline_diag",
     .env = "PIPELINE_DIAG",
     .type = OPTION_BOOL,
     .offset = AT(pipeline_diag),
     .fallback = "false",
     .reloadable = true,
     .help = "one line per entry with its fate"},
};

static_assert(sizeof log_option_rows / sizeof *log_option_rows == LOG_OPTION_COUNT,
              "the count is in the header");

void log_init(const char *program)
{
    log_state.program = program;
    log_state.journal = journal_open();
}

void log_set(enum log_level level, bool pictures)
{
    log_state.level = level;
    log_state.pictures = pictures;
}

void log_adopt(const struct log_settings *settings)
{
    log_set((enum log_level)settings->level, settings->emoji);
}

bool log_enabled(enum log_level level)
{
    return level <= log_state.level;
}

uint64_t log_dropped(void)
{
    return log_state.dropped;
}

/* Cuts the text, which fills its buffer, at a character's border so that the mark still fits. */
static void text_cut(struct log_line *line)
{
    size_t border = LOG_LINE_MAX - 1 - MARK_LENGTH;

    while (border > 0 && ((unsigned char)line->text[border] & 0xc0) == 0x80)
        border--;
    memcpy(line->text + border, MARK, MARK_LENGTH);
    line->length = border + MARK_LENGTH;
    line->text[line->length] = '\0';
    line->cut = true;
}

static void text_append(struct log_line *line, const char *bytes, size_t length)
{
    if (line->cut)
        return;
    size_t room = LOG_LINE_MAX - 1 - line->length;
    size_t fitting = length < room ? length : room;
    memcpy(line->text + line->length, bytes, fitting);
    line->length += fitting;
    line->text[line->length] = '\0';
    if (fitting < length)
        text_cut(line);
}

static void text_append_string(struct log_line *line, const char *text)
{
    text_append(line, text, strlen(text));
}

/* Our own words hold no control characters; should one slip in, the line remains one line. */
static void flatten(char *text, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = (unsigned char)text[i];
        if (byte < 0x20 || byte == 0x7f)
            text[i] = '?';
    }
}

/* Room for a piece that is longer than any line, so that text_append() sees that it has to cut. */
struct piece {
    size_t length;
    bool whole;
    char text[LOG_LINE_MAX + 1];
};

__attribute__((format(printf, 2, 0))) static void piece_format(struct piece *piece,
                                                               const char *format,
                                                               va_list arguments)
{
    int wanted = vsnprintf(piece->text, sizeof piece->text, format, arguments);

    assert(wanted >= 0);
    piece->whole = (size_t)wanted < sizeof piece->text;
    piece->length = piece->whole ? (size_t)wanted : sizeof piece->text - 1;
    flatten(piece->text, piece->length);
}

static void piece_escape(struct piece *piece, const char *bytes, size_t length, size_t most)
{
    piece->length = escape(bytes, length, most, piece->text, sizeof piece->text);
    piece->whole = true;
}

static char field_letter(char letter)
{
    if (letter >= 'a' && letter <= 'z')
        return (char)(letter - 'a' + 'A');
    bool allowed = (letter >= 'A' && letter <= 'Z') || (letter >= '0' && letter <= '9');
    if (!allowed)
        return '_';
    return letter;
}

/* A field that does not fit is left out whole: half a value would be a wrong one. */
static void field_append(struct log_line *line, const char *key, const char *value, size_t length)
{
    static const char prefix[] = "QUANTUM_";
    const size_t prefix_length = sizeof prefix - 1;
    size_t key_length = strlen(key);
    size_t needed = prefix_length + key_length + 1 + length + 1;

    if (needed > LOG_FIELDS_MAX - line->fields_length)
        return;
    char *end = line->fields + line->fields_length;
    memcpy(end, prefix, prefix_length);
    end += prefix_length;
    for (size_t i = 0; i < key_length; i++)
        *end++ = field_letter(key[i]);
    *end++ = '=';
    memcpy(end, value, length);
    end[length] = '\n';
    line->fields_length += needed;
}

static void field_append_piece(struct log_line *line, const char *key, const struct piece *piece)
{
    if (piece->whole)
        field_append(line, key, piece->text, piece->length);
}

static void pair_append(struct log_line *line, const char *key, const struct piece *value)
{
    text_append(line, " ", 1);
    text_append_string(line, key);
    text_append(line, "=", 1);
    text_append(line, value->text, value->length);
    field_append_piece(line, key, value);
}

/* The event as one word, "Trade Intent published:" is TRADE_INTENT_PUBLISHED, and its id. */
static void event_append(struct log_line *line, const char *event)
{
    char word[64];
    size_t length = 0;

    for (; *event != '\0' && length < sizeof word; event++) {
        char letter = field_letter(*event);
        if (letter != '_' || (length > 0 && word[length - 1] != '_'))
            word[length++] = letter;
    }
    while (length > 0 && word[length - 1] == '_')
        length--;
    field_append(line, "EVENT", word, length);
    line->id = log_state.journal ? log_id(word, length) : NULL;
}

void log_open(struct log_line *line, enum log_level level, const char *picture, const char *event)
{
    line->muted = !log_enabled(level);
    if (line->muted)
        return;
    line->level = level;
    line->cut = false;
    line->length = 0;
    line->fields_length = 0;
    if (picture && log_state.pictures) {
        text_append_string(line, picture);
        text_append(line, " ", 1);
    }
    text_append_string(line, event);
    flatten(line->text, line->length);
    event_append(line, event);
}

void log_text(struct log_line *line, const char *format, ...)
{
    if (line->muted)
        return;
    struct piece piece;
    va_list arguments;
    va_start(arguments, format);
    piece_format(&piece, format, arguments);
    va_end(arguments);
    text_append(line, piece.text, piece.length);
}

void log_pair(struct log_line *line, const char *key, const char *format, ...)
{
    if (line->muted)
        return;
    struct piece value;
    va_list arguments;
    va_start(arguments, format);
    piece_format(&value, format, arguments);
    va_end(arguments);
    pair_append(line, key, &value);
}

void log_pair_int(struct log_line *line, const char *key, int64_t value)
{
    log_pair(line, key, "%" PRId64, value);
}

void log_field(struct log_line *line, const char *key, const char *format, ...)
{
    if (line->muted)
        return;
    struct piece value;
    va_list arguments;
    va_start(arguments, format);
    piece_format(&value, format, arguments);
    va_end(arguments);
    field_append_piece(line, key, &value);
}

void log_foreign(struct log_line *line, const char *bytes, size_t length, size_t most)
{
    if (line->muted)
        return;
    struct piece piece;
    piece_escape(&piece, bytes, length, most);
    text_append(line, piece.text, piece.length);
}

void log_pair_foreign(struct log_line *line, const char *key, const char *bytes, size_t length,
                      size_t most)
{
    if (line->muted)
        return;
    struct piece value;
    piece_escape(&value, bytes, length, most);
    pair_append(line, key, &value);
}

/* poll() first: stderr stays blocking, as it is shared with the one who started us, and yet is
 * never waited for. */
static bool write_whole(const char *bytes, size_t length)
{
    struct pollfd ready = {.fd = STDERR_FILENO, .events = POLLOUT};

    if (poll(&ready, 1, 0) != 1 || ready.revents != POLLOUT)
        return false;
    ssize_t written = -1;
    for (int i = 0; i < WRITE_TRIES; i++) {
        written = write(STDERR_FILENO, bytes, length);
        if (written >= 0 || errno != EINTR)
            break;
    }
    return written == (ssize_t)length;
}

static bool send_to_stderr(const struct log_line *line)
{
    time_t now = time(NULL);
    struct tm utc;
    char stamp[32] = "";

    if (gmtime_r(&now, &utc) && strftime(stamp, sizeof stamp, "%Y-%m-%d %H:%M:%S", &utc) == 0)
        stamp[0] = '\0';
    char bytes[LOG_LINE_MAX + FRAME_MAX];
    int length =
        snprintf(bytes, sizeof bytes, "%s [%s] %s\n", stamp, level_titles[line->level], line->text);
    assert(length > 0 && (size_t)length < sizeof bytes);
    return write_whole(bytes, (size_t)length);
}

static bool send_to_journal(const struct log_line *line)
{
    char bytes[LOG_LINE_MAX + FRAME_MAX + LOG_FIELDS_MAX];
    int length = snprintf(bytes, sizeof bytes,
                          "MESSAGE=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=%.128s\n%s%s%s%.*s",
                          line->text, syslog_priorities[line->level], log_state.program,
                          line->id ? "MESSAGE_ID=" : "", line->id ? line->id : "",
                          line->id ? "\n" : "", (int)line->fields_length, line->fields);

    assert(length > 0 && (size_t)length < sizeof bytes);
    return journal_send(bytes, (size_t)length);
}

static bool deliver(const struct log_line *line)
{
    return log_state.journal ? send_to_journal(line) : send_to_stderr(line);
}

/* Says how many lines are missing before the next one comes; false while nothing is taken yet. */
static bool report_dropped(void)
{
    if (log_state.unreported == 0)
        return true;
    struct log_line line = {.level = LEVEL_WARN};
    text_append_string(&line, "LOG_DROPPED");
    event_append(&line, "LOG_DROPPED");
    log_pair(&line, "count", "%" PRIu64, log_state.unreported);
    if (!deliver(&line))
        return false;
    log_state.unreported = 0;
    return true;
}

void log_send(struct log_line *line)
{
    if (line->muted)
        return;
    if (!report_dropped() || !deliver(line)) {
        log_state.dropped++;
        log_state.unreported++;
    }
}

void log_event(enum log_level level, const char *picture, const char *event, const char *format,
               ...)
{
    struct log_line line;

    log_open(&line, level, picture, event);
    if (line.muted)
        return;
    struct piece piece;
    va_list arguments;
    va_start(arguments, format);
    piece_format(&piece, format, arguments);
    va_end(arguments);
    if (piece.length > 0)
        text_append(&line, " ", 1);
    text_append(&line, piece.text, piece.length);
    log_send(&line);
}

bool log_limit_pass(struct log_limit *limit, uint64_t now_ms, unsigned burst, uint64_t window_ms,
                    uint64_t *ret_suppressed)
{
    if (now_ms - limit->window_start_ms >= window_ms) {
        limit->window_start_ms = now_ms;
        limit->passed = 0;
    }
    if (limit->passed >= burst) {
        limit->suppressed++;
        return false;
    }
    limit->passed++;
    *ret_suppressed = limit->suppressed;
    limit->suppressed = 0;
    return true;
}

uint64_t log_limit_take(struct log_limit *limit, uint64_t now_ms, uint64_t window_ms)
{
    uint64_t suppressed = limit->suppressed;

    if (suppressed == 0 || now_ms - limit->window_start_ms < window_ms)
        return 0;
    *limit = (struct log_limit){.window_start_ms = now_ms, .passed = 1};
    return suppressed;
}
