/* SPDX-License-Identifier: MIT */
#include "common/log/log_ids.h"

#include <string.h>

/* By the word. An id is made once, with `systemd-id128 new`, and never changes. */
static const struct {
    const char *event;
    const char *id;
} rows[] = {
    {"AI_STRATEGY_ROUTER_STARTED", "eb3820015667459da7687548fbea3291"},
    {"ANSWER_IGNORED", "97e2a9ad08524113a1131996c015cd66"},
    {"BEST_OF_PUBLISH", "b7c0bb1c8a9744b4aa49eb9e243651b7"},
    {"BREAKER_CLOSED", "6041f84113a046678985eb5374119603"},
    {"BREAKER_HALF_OPEN", "5ec49051e45941fabf6af9ab902c1875"},
    {"BREAKER_OPEN", "0d82e8ace3d14d1a9cdcf4ab5598cfde"},
    {"CAPACITY_FULL", "ab7ec187306e43eab0c91ecbb73e9f1c"},
    {"CAPACITY_INIT", "18b4fab41e884132a968d543e480f9b9"},
    {"CAPACITY_OK", "68d05650d69647f9903416ea7ad05855"},
    {"CAPACITY_SUSPECT", "e8c63dc0d9694f39ac7ee21912df6094"},
    {"CAPACITY_UNKNOWN", "c16eaa62121c42aebdac2685f14f473d"},
    {"CAPACITY_UNPARSEABLE", "3b02d3f4416f4b46849182228c47c9b8"},
    {"CERTIFICATE_ENDS", "fafddef380b644a599d98671763d17e4"},
    {"CLAIM_REFUSED", "898c181c930b4b3ea3954b2bec3f1935"},
    {"CLOCK_SKEW", "25eb0323980345b6bf9e3a9e7c4d2546"},
    {"CLOSE_SIGNAL_DROP", "50675e821a554c1ab2e7d96dce36e321"},
    {"COMMIT_ACCEPTED", "55b304bbc7c04fffac2ce2700fa8b751"},
    {"COMMIT_GAVE_UP", "9152a55ac51440d189f4aaca9c9cbba1"},
    {"COMMIT_REFUSED", "8a77563d5f2642be86002bd31a2c075d"},
    {"COMMIT_SETTLED", "7449e5f7319f4c90add89c38d29ac722"},
    {"CONFIG_CHANGE", "1af9b0871d4749cca3d2ae1a9ef16b7a"},
    {"CONFIG_REJECTED", "2982c836352d4754956d04818a7d0d58"},
    {"CONFIG_RELOADED", "afbdf6ab7b0f4b8786fd2cc2bb0f37ab"},
    {"CONFIG_WARNING", "e4fa94f7a66e45d8bc83c9a63213ed2f"},
    {"CONSUMER_SHARED", "ce55841f5983431ebeb5cf27a398721d"},
    {"CYCLE_LATE", "13f2008b006b42fd80cf39556d2c1531"},
    {"DAILY_LIMIT", "57ddcb04ed90459eb21388f902a2afa5"},
    {"DEAD_LETTER", "a308ac5de1374e6692b1704d76627683"},
    {"ENTRIES_LOST", "37619d2171d54b4cb08a1cc3cad51e47"},
    {"EXECUTION_ACCEPTED", "f6b804dc566b48129d73df792433af20"},
    {"EXECUTION_REFUSED", "8b64feef0bf24b89a5aceaf41a147492"},
    {"EXECUTOR_STARTED", "13872783bcbc4a5796ddbc5d03276f20"},
    {"GROUP_RECREATED", "52a7e146bc30438db45bdf0b017d9e20"},
    {"INFLIGHT_GROUP_BACK", "3cfd52278f894977ad6c95f234e3417c"},
    {"INFLIGHT_GROUP_DEAD", "3334894e7ae54de1b2e70cfe0dcd1a47"},
    {"INVALID_SIGNAL_DROP", "df030cb3297c4830bd00bd0cf0f109a7"},
    {"LEADER_ACQUIRED", "98ae0612414541eb8359cc2dec00f569"},
    {"LEADER_LOST", "96fbb288ca794115bd6be72150101371"},
    {"LOG_DROPPED", "af6cc597395446edaacb634feb73a000"},
    {"METRICS_LISTENING", "1335b60b8195423687d6f0b19d07e699"},
    {"METRICS_UNAVAILABLE", "438226eb63b746e39c81e7db7e60e449"},
    {"PACE_ABOVE_EXECUTOR", "5f7cbf3c7cbb4715b8cf3d23d9afb640"},
    {"PAPER", "48741b7a8ce8475582e5f36e6d7f383a"},
    {"POSITIONS_KNOWN", "0ad192815f64459794c99b76df9bf26a"},
    {"POSITIONS_NOT_KEPT", "fe8ff94ebf024b3f8a272ae1f37ef8aa"},
    {"POSITIONS_UNKNOWN", "0dd2ad02629f4a3a8b561c2af88773e7"},
    {"POSITION_UNREADABLE", "e38bdd2825034f69affa5d2dbd1948f5"},
    {"RECORD_SKIPPED", "0671cefcc0e24e51b9d419a782e6b293"},
    {"REDIS_BACK", "d20a369408484383bd89be61d88649ea"},
    {"REDIS_LOST", "dee0eb7fa03d4e30a183d9ecb8d30d98"},
    {"REDIS_UNSUITABLE", "6572d26fefe44c45b63f1df770fe04f6"},
    {"SAFE_DRAIN", "6a0e623c0a2a44c299b870a810c18d15"},
    {"SAFE_MODE", "d4570d65ce614a19a0add7957ce6516e"},
    {"SAFE_MODE_CLEARED", "225788564e0247ac9d16a2cb492de427"},
    {"SIGNAL_HINT", "498b916d834949aa830cd77f047ce6d8"},
    {"STALE_INTENT_DROP", "147fa99f0fa54fc88644e93461361a84"},
    {"STANDBY", "a0c903a1f07d46a4adaf1f26181e6296"},
    {"STATE_RESUMED", "965ad90feab34751959772dc88982fde"},
    {"STATE_ROLLED_BACK", "4655c6cfddcb46968273540485402e1d"},
    {"STATE_UNSURE", "e61d6bfe6ddd4d0993f02f46cc102e7b"},
    {"STOPPED", "93fcb4c8db5946a688c9f0f176672384"},
    {"STREAM", "603eb6e8bc074f31ae72c03584ab3584"},
    {"SUPER_SIGNAL_BYPASS", "2abde25ce5574b8da2ae053423b1dec1"},
    {"SYMBOL_DELAYED", "3dd8acfe4c6446799d0a0d3b19b8d248"},
    {"TARGET_REACHED", "b62707203fb843f6a6bc5a236245ecbb"},
    {"TIMESTAMP_BEHIND", "216d202c09f94a76b3e1e596e187b95a"},
    {"TRADE_INTENT_PUBLISHED", "7f93f010dfc44042996b3f7c42a9edfb"},
};

const char *log_id(const char *event, size_t length)
{
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strlen(rows[i].event) == length && memcmp(rows[i].event, event, length) == 0)
            return rows[i].id;
    return NULL;
}
