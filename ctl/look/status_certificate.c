/* SPDX-License-Identifier: MIT */
/* Until when Redis can be reached over TLS, by the certificate of this connection that ends first.
 */
#include "common/base/calendar.h"
#include "common/base/wall.h"
#include "common/redis/tls.h"
#include "ctl/frame/document.h"
#include "ctl/look/status_look.h"

/* By this machine's clock, as it is checked. */
static void judge(struct status *status, bool is_ours, int64_t end_ms, const char *moment)
{
    if (end_ms - wall_ms() > TLS_WARNED_DAYS * CALENDAR_MS_PER_DAY)
        return;
    findings_add(&status->findings, WARNING,
                 "CERTIFICATE_ENDS: the certificate of the %s ends at %s: renew %s; from then on "
                 "Redis cannot be reached",
                 is_ours ? "client" : "server", moment,
                 is_ours ? "the one in redis.tls_cert" : "Redis' own");
}

void status_add_certificate(struct status *status)
{
    bool is_ours = false;
    int64_t end_ms = client_certificate_end_ms(status->ask.client, &is_ours);
    char moment[CALENDAR_ISO_MAX];

    if (end_ms == 0) {
        document_put(status->document, "certificate", json_null());
        return;
    }
    calendar_iso(end_ms, moment);
    document_put(
        status->document, "certificate",
        json_pack("{s:s, s:s}", "whose", is_ours ? "client" : "server", "ends_at", moment));
    judge(status, is_ours, end_ms, moment);
}
