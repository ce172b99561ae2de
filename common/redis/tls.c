/* SPDX-License-Identifier: MIT */
/*
 * hiredis carries the bytes of an SSL that is ours: its own contexts check no name, and say no more
 * of a failed handshake than the system's errno, which is often that of success.
 *
 * OpenSSL keeps errors in a queue of the thread, and what one connection left there would be taken
 * for the failure of another. So the queue is empty whenever none of our connections is failing.
 */
#include "common/redis/tls.h"

#include <errno.h>
#include <fcntl.h>
#include <hiredis/hiredis_ssl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "common/base/calendar.h"
#include "common/base/memory.h"

struct tls {
    SSL *ssl;
    char *host;
    int64_t begins_ms, ends_ms; /* of the certificate that was refused */
    bool is_established;
    uint64_t greeted_at; /* bytes that had come when it was */
    bool is_asked;       /* for a certificate of ours */
};

bool tls_is_built(void)
{
    return true;
}

/* The oldest in the queue is the cause; what came behind it tells whom it has met. */
static const char *error_text(unsigned long error)
{
    const char *text =
        ERR_SYSTEM_ERROR(error) ? strerror(ERR_GET_REASON(error)) : ERR_reason_error_string(error);

    return text ? text : "OpenSSL does not say why";
}

/* --- the files */

static bool complain(struct tls_complaint *complaint, const char *option, const char *reason)
{
    complaint->option = option;
    (void)snprintf(complaint->reason, sizeof complaint->reason, "cannot be used: %s", reason);
    ERR_clear_error();
    return false;
}

static bool complain_openssl(struct tls_complaint *complaint, const char *option)
{
    return complain(complaint, option, error_text(ERR_peek_error()));
}

/* Nobody is there to be asked for it. */
static int no_passphrase(char *buffer, int size, int is_writing, void *data)
{
    (void)buffer;
    (void)size;
    (void)is_writing;
    (void)data;
    return -1;
}

static const char *rights_refused(int file)
{
    struct stat about;

    if (file < 0 || fstat(file, &about) != 0)
        return strerror(errno);
    return about.st_mode & (S_IRWXO | S_IWGRP)
               ? "others than its owner and group may use it; chmod 0640 it"
               : NULL;
}

/* What a key lies open to is asked of the file that is read, not of its name. */
static FILE *open_key(const char *path, const char **ret_reason)
{
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    *ret_reason = rights_refused(file);
    FILE *opened = *ret_reason ? NULL : fdopen(file, "re");
    if (!opened && file >= 0)
        (void)close(file);
    return opened;
}

static const char *key_reason(void)
{
    unsigned long error = ERR_peek_last_error();
    bool is_locked = ERR_GET_LIB(error) == ERR_LIB_PEM &&
                     (ERR_GET_REASON(error) == PEM_R_BAD_PASSWORD_READ ||
                      ERR_GET_REASON(error) == PEM_R_PROBLEMS_GETTING_PASSWORD);

    return is_locked ? "it wants a passphrase; a key without one is needed"
                     : "there is no private key in it";
}

static bool take_key(SSL_CTX *shared, const char *path, struct tls_complaint *complaint)
{
    static const char option[] = "redis.tls_key";
    const char *reason;
    FILE *file = open_key(path, &reason);

    if (!file)
        return complain(complaint, option, reason ? reason : "there is no memory for it");
    EVP_PKEY *key = PEM_read_PrivateKey(file, NULL, no_passphrase, NULL);
    (void)fclose(file);
    if (!key)
        return complain(complaint, option, key_reason());
    bool is_taken = SSL_CTX_use_PrivateKey(shared, key) == 1;
    EVP_PKEY_free(key);
    return is_taken || complain(complaint, option, "it is not the key of redis.tls_cert");
}

static bool take_files(SSL_CTX *shared, const struct tls_files *files,
                       struct tls_complaint *complaint)
{
    bool has_ca = files->ca[0] ? SSL_CTX_load_verify_file(shared, files->ca) == 1
                               : SSL_CTX_set_default_verify_paths(shared) == 1;

    if (!has_ca)
        return complain_openssl(complaint, "redis.tls_ca");
    ERR_clear_error(); /* the system may have no authorities, which shows when one is asked for */
    if (!files->cert[0])
        return true;
    if (SSL_CTX_use_certificate_chain_file(shared, files->cert) != 1)
        return complain_openssl(complaint, "redis.tls_cert");
    return take_key(shared, files->key, complaint);
}

static SSL_CTX *make_shared(const struct tls_files *files, struct tls_complaint *complaint)
{
    SSL_CTX *shared = SSL_CTX_new(TLS_client_method());

    if (!shared) {
        (void)complain_openssl(complaint, "redis.url");
        return NULL;
    }
    if (SSL_CTX_get_min_proto_version(shared) < TLS1_2_VERSION) /* the system's may be higher */
        (void)SSL_CTX_set_min_proto_version(shared, TLS1_2_VERSION);
    (void)SSL_CTX_set_options(shared, SSL_OP_NO_RENEGOTIATION);
    if (take_files(shared, files, complaint))
        return shared;
    SSL_CTX_free(shared);
    return NULL;
}

bool tls_files_can_be_used(const struct tls_files *files, struct tls_complaint *ret_complaint)
{
    SSL_CTX *shared = make_shared(files, ret_complaint);

    SSL_CTX_free(shared);
    return shared != NULL;
}

/* --- who the other side is */

static int64_t moment_of(const ASN1_TIME *time)
{
    struct tm parts;

    return ASN1_TIME_to_tm(time, &parts) == 1 ? (int64_t)timegm(&parts) * 1000 : 0;
}

/* Changes nothing of what OpenSSL found, and keeps what it is going to be asked about. */
static int on_verify(int is_fine, X509_STORE_CTX *store)
{
    SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
    struct tls *tls = SSL_get_app_data(ssl);
    const X509 *refused = X509_STORE_CTX_get_current_cert(store);

    if (!is_fine && refused && tls) {
        tls->begins_ms = moment_of(X509_get0_notBefore(refused));
        tls->ends_ms = moment_of(X509_get0_notAfter(refused));
    }
    return is_fine;
}

/* OpenSSL itself forgets that there was a handshake when the connection fails. */
static void on_step(const SSL *ssl, int where, int result)
{
    struct tls *tls = SSL_get_app_data(ssl);

    (void)result;
    if (!(where & SSL_CB_HANDSHAKE_DONE) || !tls)
        return;
    tls->is_established = true;
    tls->greeted_at = BIO_number_read(SSL_get_rbio(ssl));
}

/* The server asks for a certificate; it may let us in without one. */
static int on_asked(SSL *ssl, void *data)
{
    struct tls *tls = data;

    (void)ssl;
    tls->is_asked = true;
    return 1;
}

/* An address is looked for among the certificate's addresses, and is never sent as a name. */
static bool ask_for(SSL *ssl, const char *host)
{
    if (X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), host) == 1)
        return true;
    ERR_clear_error();
    SSL_set_hostflags(ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
    return SSL_set1_host(ssl, host) == 1 && SSL_set_tlsext_host_name(ssl, host) == 1;
}

static struct tls *make(const struct tls_files *files, const char *host,
                        char ret_reason[static TLS_REASON_MAX])
{
    struct tls_complaint complaint;
    SSL_CTX *shared = make_shared(files, &complaint);

    if (!shared) {
        (void)snprintf(ret_reason, TLS_REASON_MAX, "%s %.200s", complaint.option, complaint.reason);
        return NULL;
    }
    struct tls *tls = memory_new(sizeof *tls);
    tls->ssl = SSL_new(shared);
    tls->host = memory_text(host);
    SSL_CTX_free(shared); /* the connection holds it */
    if (tls->ssl && SSL_set_app_data(tls->ssl, tls) == 1 && ask_for(tls->ssl, host)) {
        SSL_set_verify(tls->ssl, SSL_VERIFY_PEER, on_verify);
        SSL_set_info_callback(tls->ssl, on_step);
        SSL_set_cert_cb(tls->ssl, on_asked, tls);
        return tls;
    }
    (void)snprintf(ret_reason, TLS_REASON_MAX, "TLS: %s", error_text(ERR_peek_error()));
    tls_free(tls);
    return NULL;
}

/* hiredis frees what it was given once it has taken it, and so do we. */
struct tls *tls_begin(redisContext *context, const struct tls_files *files, const char *host,
                      char ret_reason[static TLS_REASON_MAX])
{
    struct tls *tls = make(files, host, ret_reason);

    if (!tls)
        return NULL;
    if (redisInitiateSSL(context, tls->ssl) == REDIS_OK) {
        (void)SSL_up_ref(tls->ssl);
        return tls;
    }
    bool is_late = !ERR_peek_error() && (SSL_want_read(tls->ssl) || SSL_want_write(tls->ssl));
    if (!tls_failure(tls, ret_reason))
        (void)snprintf(ret_reason, TLS_REASON_MAX, "%s", context->errstr);
    else if (is_late)
        (void)snprintf(ret_reason, TLS_REASON_MAX, "%s", TLS_LATE);
    tls_free(tls);
    return NULL;
}

bool tls_is_established(const struct tls *tls)
{
    return tls->is_established;
}

/* --- why it failed */

static void say_refused(const struct tls *tls, long verdict, char *ret_reason)
{
    const char *words = X509_verify_cert_error_string(verdict);
    char moment[CALENDAR_ISO_MAX];

    switch (verdict) {
    case X509_V_ERR_HOSTNAME_MISMATCH:
    case X509_V_ERR_IP_ADDRESS_MISMATCH:
        (void)snprintf(ret_reason, TLS_REASON_MAX,
                       "TLS: %s: the server's certificate is not for %.100s", words, tls->host);
        return;
    case X509_V_ERR_CERT_HAS_EXPIRED:
        calendar_iso(tls->ends_ms, moment);
        (void)snprintf(ret_reason, TLS_REASON_MAX, "TLS: %s: it ended at %s", words, moment);
        return;
    case X509_V_ERR_CERT_NOT_YET_VALID:
        calendar_iso(tls->begins_ms, moment);
        (void)snprintf(ret_reason, TLS_REASON_MAX,
                       "TLS: %s: it begins at %s; is this machine's clock right?", words, moment);
        return;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
        (void)snprintf(ret_reason, TLS_REASON_MAX,
                       "TLS: %s: name the authority that signed the server's certificate with "
                       "redis.tls_ca",
                       words);
        return;
    default:
        (void)snprintf(ret_reason, TLS_REASON_MAX, "TLS: %s", words);
    }
}

/* What to do, behind OpenSSL's words, which others can search for. */
static const char *advice_on(int reason)
{
    switch (reason) {
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
        return ": what listens there speaks no TLS";
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_TLSV1_ALERT_PROTOCOL_VERSION:
        return ": the server knows none of TLS 1.2 and later";
    case SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    case SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE:
        return ": does the server want a certificate? See redis.tls_cert and redis.tls_key";
    case SSL_R_TLSV1_ALERT_UNKNOWN_CA:
    case SSL_R_SSLV3_ALERT_BAD_CERTIFICATE:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED:
    case SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN:
        return ": the server does not take the certificate in redis.tls_cert";
    default:
        return "";
    }
}

static bool is_end(unsigned long error)
{
    return error == 0 || ERR_SYSTEM_ERROR(error) ||
           (ERR_GET_LIB(error) == ERR_LIB_SSL &&
            ERR_GET_REASON(error) == SSL_R_UNEXPECTED_EOF_WHILE_READING);
}

/* The server ends a connection whose client it does not let in, and what it says of that may be
 * lost with it. */
static bool is_turned_away(const struct tls *tls)
{
    return tls->is_established && tls->is_asked &&
           BIO_number_read(SSL_get_rbio(tls->ssl)) == tls->greeted_at;
}

/* An end of the connection is told as that, but where it tells something. */
static bool say_failed(const struct tls *tls, unsigned long error, char *ret_reason)
{
    const char *words = NULL;

    if (!is_end(error)) {
        (void)snprintf(ret_reason, TLS_REASON_MAX, "TLS: %s%s", error_text(error),
                       ERR_GET_LIB(error) == ERR_LIB_SSL ? advice_on(ERR_GET_REASON(error)) : "");
        return true;
    }
    if (!tls->is_established)
        words = "TLS: the connection ended before the handshake did";
    else if (is_turned_away(tls))
        words =
            SSL_get_certificate(tls->ssl)
                ? "TLS: the server asked for a certificate and ended the connection: it may not "
                  "take the one in redis.tls_cert"
                : "TLS: the server asked for a certificate and ended the connection: see "
                  "redis.tls_cert and redis.tls_key";
    else if (error)
        words = ERR_SYSTEM_ERROR(error) ? error_text(error) : "Server closed the connection";
    if (words)
        (void)snprintf(ret_reason, TLS_REASON_MAX, "%s", words);
    return words;
}

bool tls_failure(const struct tls *tls, char ret_reason[static TLS_REASON_MAX])
{
    unsigned long error = ERR_peek_error();

    ERR_clear_error();
    if (!tls)
        return false;
    long verdict = SSL_get_verify_result(tls->ssl);
    if (verdict == X509_V_OK)
        return say_failed(tls, error, ret_reason);
    say_refused(tls, verdict, ret_reason);
    return true;
}

/* --- until when */

int64_t tls_end_ms(const struct tls *tls, bool *ret_is_ours)
{
    const X509 *theirs = SSL_get0_peer_certificate(tls->ssl);
    const X509 *ours = SSL_get_certificate(tls->ssl);
    int64_t their_end_ms = theirs ? moment_of(X509_get0_notAfter(theirs)) : 0;
    int64_t our_end_ms = ours ? moment_of(X509_get0_notAfter(ours)) : 0;

    *ret_is_ours = our_end_ms > 0 && (their_end_ms == 0 || our_end_ms < their_end_ms);
    return *ret_is_ours ? our_end_ms : their_end_ms;
}

void tls_free(struct tls *tls)
{
    if (!tls)
        return;
    if (tls->ssl)
        (void)SSL_set_app_data(tls->ssl, NULL); /* hiredis may still hold it */
    SSL_free(tls->ssl);
    free(tls->host);
    free(tls);
}
