/* SPDX-License-Identifier: MIT */
#include "common/redis/settings.h"

#include <assert.h>
#include <glob.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/env_file.h"
#include "common/redis/login.h"
#include "common/redis/url.h"

#define NO_TLS "TLS, which this build cannot do; use unix:///path, or redis:// to a local stunnel"

#define AT(member) offsetof(struct redis_settings, member)

const struct option_row redis_option_rows[] = {
    {.key = "redis.url",
     .env = "REDIS_URL",
     .type = OPTION_TEXT,
     .offset = AT(url),
     .max = 1024,
     .fallback = "redis://127.0.0.1:6379/0",
     .secret = true,
     .help = "redis://[[user]:pass@]host:port[/db], rediss:// for TLS, unix:///path[?db=N] or "
             "redis+sentinel://host:port,…/master[/db]"},
    {.key = "redis.host",
     .env = "REDIS_HOST",
     .type = OPTION_TEXT,
     .offset = AT(host),
     .max = 253,
     .fallback = "",
     .help = "host, where no URL is set"},
    {.key = "redis.port",
     .env = "REDIS_PORT",
     .type = OPTION_INT,
     .offset = AT(port),
     .min = 1,
     .max = 65535,
     .fallback = "6379",
     .help = "port, where no URL is set"},
    {.key = "redis.password_file",
     .type = OPTION_TEXT,
     .offset = AT(password_file),
     .max = 4096,
     .fallback = "",
     .help =
         "file with the password, read with each connection; unless empty it wins over the URL's; "
         "its owner's alone"},
    {.key = "redis.tls_ca",
     .type = OPTION_TEXT,
     .offset = AT(tls_ca),
     .max = 4096,
     .fallback = "",
     .help = "for rediss://: file with the authorities that may sign Redis' certificate; empty: "
             "the system's"},
    {.key = "redis.tls_cert",
     .type = OPTION_TEXT,
     .offset = AT(tls_cert),
     .max = 4096,
     .fallback = "",
     .help = "for rediss://: file with the certificate that is shown to Redis, and its chain"},
    {.key = "redis.tls_key",
     .type = OPTION_TEXT,
     .offset = AT(tls_key),
     .max = 4096,
     .fallback = "",
     .help = "for rediss://: file with its private key; its owner's and group's alone"},
    {.key = "redis.sentinels",
     .type = OPTION_NAMES,
     .offset = AT(sentinels),
     .max = GUIDES_MAX,
     .fallback = "",
     .help = "sentinels, host:port each, who say where the master is; the URL's host no longer "
             "does"},
    {.key = "redis.sentinel_master",
     .type = OPTION_TEXT,
     .offset = AT(sentinel_master),
     .max = 200,
     .fallback = "",
     .help = "the name of the master that the sentinels watch"},
    {.key = "redis.sentinel_password_file",
     .type = OPTION_TEXT,
     .offset = AT(sentinel_password_file),
     .max = 4096,
     .fallback = "",
     .help = "file with the sentinels' own password; its owner's alone"},
    {.key = "redis.nodes",
     .type = OPTION_NAMES,
     .offset = AT(nodes),
     .max = GUIDES_MAX,
     .fallback = "",
     .help = "nodes of a Cluster, host:port each, to begin with; the owner of the prefix's slot is "
             "followed"},
    {.key = "redis.connect_timeout_ms",
     .type = OPTION_INT,
     .offset = AT(connect_timeout_ms),
     .min = 10,
     .max = 60000,
     .fallback = "2000",
     .help = "deadline for connecting"},
    {.key = "redis.reply_timeout_ms",
     .type = OPTION_INT,
     .offset = AT(reply_timeout_ms),
     .min = 10,
     .max = 60000,
     .fallback = "5000",
     .help = "deadline for a reply, blocking time not counted"},
    {.key = "redis.backoff_min_ms",
     .type = OPTION_INT,
     .offset = AT(backoff_min_ms),
     .min = 1,
     .max = 60000,
     .fallback = "50",
     .help = "first pause before connecting again"},
    {.key = "redis.backoff_max_ms",
     .type = OPTION_INT,
     .offset = AT(backoff_max_ms),
     .min = 1,
     .max = 60000,
     .fallback = "2000",
     .help =
         "longest pause before connecting again; 500 at most where sentinels or nodes are asked"},
};

static_assert(sizeof redis_option_rows / sizeof *redis_option_rows == REDIS_OPTION_COUNT,
              "the count is in the header");

/* A later source wins over an earlier one; within one source the URL wins. */
static bool host_wins(const struct options *options)
{
    enum option_source url = options_origin(options, "redis.url")->source;

    return options_origin(options, "redis.host")->source > url ||
           options_origin(options, "redis.port")->source > url;
}

/* What would be sent in the clear then is a password, too. */
static void check_host(const struct options *options, struct complaints *complaints)
{
    static const char scheme[] = "rediss://";
    enum option_source host = options_origin(options, "redis.host")->source;
    enum option_source port = options_origin(options, "redis.port")->source;
    const char *url = options_origin(options, "redis.url")->text;

    if (url && strncmp(url, scheme, sizeof scheme - 1) == 0)
        options_complain(options, host >= port ? "redis.host" : "redis.port", complaints,
                         "would take off the TLS that redis.url asks for; name it in redis.url");
}

/* The URL says then what the address is. Its text stays the options' own, which free it. */
static void take_host(struct redis_settings *settings)
{
    const char *host = settings->host[0] ? settings->host : "127.0.0.1";

    settings->address =
        (struct redis_address){.host = memory_text(host), .port = (int)settings->port};
    char *place = redis_address_text(&settings->address);
    free(settings->url);
    settings->url = memory_format("redis://%s/0", place);
    free(place);
}

/* What the file of this option holds: NULL when there is none, when it is empty, or when it will
 * not do, which is told. Units have an empty one by default. */
static char *password_of(const char *key, const char *path, const struct options *options,
                         struct complaints *complaints)
{
    const char *reason = NULL;
    char *password = path[0] ? login_read_password(path, &reason) : NULL;

    if (reason)
        options_complain(options, key, complaints, "cannot be used: %s", reason);
    if (password && password[0])
        return password;
    free(password);
    return NULL;
}

/* Empty: none is given here, and the URL's stands. What it holds later is read then. */
static void take_password(struct redis_settings *settings, const struct options *options,
                          struct complaints *complaints)
{
    char *password =
        password_of("redis.password_file", settings->password_file, options, complaints);

    settings->address.password_file = settings->password_file[0] ? settings->password_file : NULL;
    if (!password)
        return;
    free(settings->address.password);
    settings->address.password = password;
}

/* The first of the TLS options that is set, or NULL. */
static const char *tls_option_set(const struct redis_settings *settings)
{
    if (settings->tls_ca[0])
        return "redis.tls_ca";
    if (settings->tls_cert[0])
        return "redis.tls_cert";
    return settings->tls_key[0] ? "redis.tls_key" : NULL;
}

static void check_tls_files(struct redis_settings *settings, const struct options *options,
                            struct complaints *complaints)
{
    struct tls_complaint complaint;

    settings->tls_files = (struct tls_files){
        .ca = settings->tls_ca, .cert = settings->tls_cert, .key = settings->tls_key};
    if (settings->tls_cert[0] && !settings->tls_key[0])
        options_complain(options, "redis.tls_cert", complaints, "needs redis.tls_key beside it");
    else if (settings->tls_key[0] && !settings->tls_cert[0])
        options_complain(options, "redis.tls_key", complaints, "needs redis.tls_cert beside it");
    else if (!tls_files_can_be_used(&settings->tls_files, &complaint))
        options_complain(options, complaint.option, complaints, "%s", complaint.reason);
}

/* Who names these files takes the connection for a safe one: without TLS nothing is connected. */
static void check_tls(struct redis_settings *settings, const struct options *options,
                      struct complaints *complaints)
{
    const char *set = tls_option_set(settings);

    if (settings->address.tls && tls_is_built())
        check_tls_files(settings, options, complaints);
    else if (settings->address.tls)
        options_complain(options, "redis.url", complaints, "asks for " NO_TLS);
    else if (set)
        options_complain(options, set, complaints, "%s",
                         tls_is_built()
                             ? "is for TLS alone, which redis.url asks for with rediss://"
                             : "is for " NO_TLS);
}

/* False: something cannot be meant together with a list of those who are asked. */
static bool is_alone(const struct redis_settings *settings, const char *key,
                     const struct options *options, struct complaints *complaints)
{
    if (host_wins(options))
        options_complain_between(options, OPTION_KEYS(key, "redis.host", "redis.port"), complaints,
                                 "would not be asked: redis.host or redis.port says where Redis "
                                 "is; leave these out");
    else if (settings->address.path)
        options_complain_between(options, OPTION_KEYS(key, "redis.url"), complaints,
                                 "would not be asked: redis.url names a socket; leave one of the "
                                 "two out");
    else if (settings->address.guides.count > 0)
        options_complain_between(options, OPTION_KEYS(key, "redis.url"), complaints,
                                 "cannot be used: redis.url names sentinels; leave one of the two "
                                 "out");
    else
        return true;
    return false;
}

/* False: they will not do, which is told. */
static bool take_guides(struct redis_settings *settings, enum guides_kind kind, const char *key,
                        const struct options *options, struct complaints *complaints)
{
    const struct names *names = kind == GUIDES_NODES ? &settings->nodes : &settings->sentinels;
    struct redis_address *address = &settings->address;

    if (names->count == 0)
        return true;
    if (!is_alone(settings, key, options, complaints))
        return false;
    free(address->host);
    address->host = NULL;
    char *list = names_join(names, ",");
    const char *complaint = guides_add(&address->guides, kind, list, strlen(list));
    if (complaint)
        options_complain(options, key, complaints, "%s", complaint);
    free(list);
    return !complaint;
}

static void take_master(struct redis_settings *settings, const struct options *options,
                        struct complaints *complaints)
{
    struct guides *guides = &settings->address.guides;
    const char *name = settings->sentinel_master, *complaint = NULL;

    if (name[0] && guides->master && strcmp(name, guides->master) != 0)
        complaint = "is another one than redis.url names; leave one of the two out";
    else if (name[0] && guides->kind != GUIDES_SENTINELS)
        complaint = "needs redis.sentinels, who know where it is";
    else if (name[0])
        complaint = guides_name_master(guides, name, strlen(name));
    else if (guides->kind == GUIDES_SENTINELS && !guides->master)
        complaint = "is needed: which master the sentinels are to be asked for (sentinel monitor "
                    "NAME, in sentinel.conf)";
    if (complaint)
        options_complain_between(
            options, OPTION_KEYS("redis.sentinel_master", "redis.sentinels", "redis.url"),
            complaints, "%s", complaint);
}

static void check_guides(struct redis_settings *settings, const struct options *options,
                         struct complaints *complaints)
{
    struct guides *guides = &settings->address.guides;

    if (settings->sentinels.count > 0 && settings->nodes.count > 0) {
        options_complain_between(options, OPTION_KEYS("redis.nodes", "redis.sentinels"), complaints,
                                 "cannot be used together with redis.sentinels: a Cluster has no "
                                 "Sentinels; leave one of the two out");
        return;
    }
    if (!take_guides(settings, GUIDES_SENTINELS, "redis.sentinels", options, complaints) ||
        !take_guides(settings, GUIDES_NODES, "redis.nodes", options, complaints))
        return;
    take_master(settings, options, complaints);
    guides->password = password_of("redis.sentinel_password_file", settings->sentinel_password_file,
                                   options, complaints);
    if (settings->sentinel_password_file[0] && guides->kind != GUIDES_SENTINELS)
        options_complain(options, "redis.sentinel_password_file", complaints,
                         "needs redis.sentinels, whose password it holds");
    if (guides->kind == GUIDES_NODES && settings->address.database != 0)
        options_complain_between(options, OPTION_KEYS("redis.url", "redis.nodes"), complaints,
                                 "names database %d, and a Cluster has 0 alone",
                                 settings->address.database);
}

void redis_settings_check(struct redis_settings *settings, const struct options *options,
                          struct complaints *complaints)
{
    const char *complaint = NULL;

    redis_address_release(&settings->address);
    if (host_wins(options)) {
        check_host(options, complaints);
        take_host(settings);
    } else {
        complaint = redis_url_read(settings->url, &settings->address);
    }
    if (complaint) {
        options_complain(options, "redis.url", complaints, "%s", complaint);
    } else {
        take_password(settings, options, complaints);
        check_tls(settings, options, complaints);
        check_guides(settings, options, complaints);
    }
    if (settings->backoff_min_ms > settings->backoff_max_ms)
        options_complain_between(options,
                                 OPTION_KEYS("redis.backoff_min_ms", "redis.backoff_max_ms"),
                                 complaints, "must not exceed redis.backoff_max_ms, which is %lld",
                                 (long long)settings->backoff_max_ms);
}

void redis_settings_release(struct redis_settings *settings)
{
    redis_address_release(&settings->address);
}

uint64_t redis_settings_try_ms(const struct redis_settings *settings)
{
    return (uint64_t)(settings->backoff_max_ms + 2 * settings->connect_timeout_ms +
                      4 * settings->reply_timeout_ms);
}

static bool has_password(const char *url)
{
    struct redis_address address = {0};

    if (!url || redis_url_read(url, &address))
        return false;
    bool has = address.password && address.password[0];
    redis_address_release(&address);
    return has;
}

static char *folder_of(const char *path)
{
    char *copy = memory_text(path);
    char *folder = memory_text(dirname(copy));

    free(copy);
    return folder;
}

/* The file, and the folder that it lies in, are open to everybody. */
static bool is_open(const char *path)
{
    struct stat file, place;
    char *folder = folder_of(path);
    bool is_known = stat(path, &file) == 0 && stat(folder, &place) == 0;

    free(folder);
    return is_known && S_ISREG(file.st_mode) && (file.st_mode & S_IROTH) &&
           (place.st_mode & S_IXOTH);
}

static void warn_of_variables(const char *path, struct complaints *warnings)
{
    struct env_files files = {0};
    struct complaints ignored = {0}; /* told where the file is used */

    if (!is_open(path))
        return;
    env_files_read(&files, path, &ignored);
    const struct env_variable *url = env_files_find(&files, "REDIS_URL");
    if (url && has_password(url->value))
        complain(warnings,
                 "%s: everybody may read it, and its REDIS_URL holds a password; chmod 600 it, and "
                 "change the password",
                 escaped(path).text);
    complaints_free(&ignored);
    env_files_free(&files);
}

/* What systemd reads for the units lies beside their configuration. */
static void warn_of_neighbours(const char *config, struct complaints *warnings)
{
    char *folder = folder_of(config);
    char *pattern = memory_format("%s/*.env", folder);
    glob_t found = {0};

    if (glob(pattern, 0, NULL, &found) == 0)
        for (size_t i = 0; i < found.gl_pathc; i++)
            warn_of_variables(found.gl_pathv[i], warnings);
    globfree(&found);
    free(pattern);
    free(folder);
}

/* The file in "/etc/quantum/env:3 (REDIS_URL)", or NULL: it came from the environment. */
static char *file_of(const char *place)
{
    const char *end = place ? strrchr(place, ':') : NULL;

    return end ? memory_bytes(place, (size_t)(end - place)) : NULL;
}

static bool is_neighbour(const char *path, const char *config)
{
    char *folder = config ? folder_of(config) : NULL;
    char *own = folder_of(path);
    size_t length = strlen(path), ending = strlen(".env");
    bool is = folder && strcmp(folder, own) == 0 && length > ending &&
              strcmp(path + length - ending, ".env") == 0;

    free(folder);
    free(own);
    return is;
}

void redis_exposed_warn(const struct options *options, struct complaints *warnings)
{
    const struct option_origin *origin = options_origin(options, "redis.url");
    const char *config = options->file;

    if (config && is_open(config) && has_password(origin->file_text))
        complain(warnings,
                 "%s: everybody may read it, and its redis.url holds a password; use "
                 "redis.password_file, or let nobody but the service's group read it",
                 escaped(config).text);
    if (config)
        warn_of_neighbours(config, warnings);
    char *file = origin->source == FROM_ENV ? file_of(origin->place) : NULL;
    if (file && !is_neighbour(file, config))
        warn_of_variables(file, warnings);
    free(file);
}
