/* SPDX-License-Identifier: MIT */
#include "common/redis/exposed.h"

#include <glob.h>
#include <libgen.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/escape.h"
#include "common/base/memory.h"
#include "common/options/env_file.h"
#include "common/redis/url.h"

static const char variable[] = "REDIS_URL";
static const char key[] = "redis.url";

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
    const struct env_variable *url = env_files_find(&files, variable);
    if (url && has_password(url->value))
        complain(warnings,
                 "%s: everybody may read it, and its %s holds a password; chmod 600 it, and "
                 "change the password",
                 escaped(path).text, variable);
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
    const struct option_origin *origin = options_origin(options, key);
    const char *config = options->file;

    if (config && is_open(config) && has_password(origin->file_text))
        complain(warnings,
                 "%s: everybody may read it, and its %s holds a password; use "
                 "redis.password_file, or let nobody but the service's group read it",
                 escaped(config).text, key);
    if (config)
        warn_of_neighbours(config, warnings);
    char *file = origin->source == FROM_ENV ? file_of(origin->place) : NULL;
    if (file && !is_neighbour(file, config))
        warn_of_variables(file, warnings);
    free(file);
}
