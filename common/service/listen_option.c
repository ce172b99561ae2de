/* SPDX-License-Identifier: MIT */
#include "common/service/listen_option.h"

#include "common/service/http.h"
#include "common/service/listen_address.h"

void listen_option_check(const char *text, const struct options *options,
                         struct complaints *complaints)
{
    struct listen_address address;

    if (*text && !listen_address_read(text, &address))
        options_complain(options, "metrics.listen", complaints,
                         "must be empty or " LISTEN_ADDRESS_FORM);
}

void listen_option_warn(const char *text, bool asked, struct complaints *warnings)
{
    if (asked && *text && !http_is_built_in())
        complain(warnings, "metrics.listen is set, but this build has no HTTP: "
                           "build with -Dhttp=enabled, or set it to the empty text");
}
