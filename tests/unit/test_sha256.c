/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "common/base/sha256.h"
#include "common/base/sha256_blocks.h"
#include "tests/unit/support.h"

static void expect_hash(const char *bytes, size_t length, const char *wanted)
{
    char text[SHA256_TEXT_MAX];

    sha256_text(bytes, length, text);
    assert_string_equal(text, wanted);
}

static void the_examples_of_the_standard(void **state)
{
    static const char two_blocks[] = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    (void)state;
    expect_hash("", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    expect_hash("abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    expect_hash(two_blocks, sizeof two_blocks - 1,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

/* Expected values from Python's hashlib, b"a" * n. */
static void every_way_a_block_can_be_filled(void **state)
{
    static const struct {
        size_t length;
        const char *hash;
    } cases[] = {
        {1, "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"},
        {55, "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"},
        {56, "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"},
        {63, "7d3e74a05d7db15bce4ad9ec0658ea98e3f06eeecf16b4c6fff2da457ddc2f34"},
        {64, "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"},
        {65, "635361c48bb9eab14198e76ea8ab7f1a41685d6ad62aa9146d301d4f17eb0ae0"},
        {119, "31eba51c313a5c08226adf18d4a359cfdfd8d2e816b13f4af952f7ea6584dcfb"},
        {120, "2f3d335432c70b580af0e8e1b3674a7c020d683aa5f73aaaedfdc55af904c21c"},
        {128, "6836cf13bac400e9105071cd6af47084dfacad4e5e302c94bfed24e013afb73e"},
        {1000, "41edece42d63e8d9bf515a9ba6932e1c20cbc9f5a5d134645adb5db1b9737ea3"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++)
        expect_hash(text_of('a', cases[i].length), cases[i].length, cases[i].hash);
}

static void bytes_of_every_value(void **state)
{
    char bytes[256];

    (void)state;
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (char)(unsigned char)i;
    expect_hash(bytes, sizeof bytes,
                "40aff2e9d2d8922e47afd4648e6967497158785fbd1da870e7110266bf944880");
}

/* "abc", with its one bit and its length. */
static void a_block_without_the_processors_help(void **state)
{
    static const uint32_t wanted[8] = {0xba7816bf, 0x8f01cfea, 0x414140de, 0x5dae2223,
                                       0xb00361a3, 0x96177a9c, 0xb410ff61, 0xf20015ad};
    uint32_t plain[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                         0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    unsigned char block[SHA256_BLOCK] = {'a', 'b', 'c', 0x80, [SHA256_BLOCK - 1] = 24};

    (void)state;
    sha256_blocks_plain(plain, block, 1);
    assert_memory_equal(plain, wanted, sizeof plain);
}

/* Where the processor has none, the other is the one that is used. */
static void both_ways_come_to_the_same(void **state)
{
    enum { BLOCKS = 9 };
    sha256_blocks *fast = sha256_blocks_fast();
    unsigned char bytes[BLOCKS * SHA256_BLOCK + 1];

    (void)state;
    chance_begin();
    for (int i = 0; i < 20000; i++) {
        size_t from = chance_below(2), count = chance_below(BLOCKS + 1);
        uint32_t one[8], other[8];
        for (size_t at = 0; at < sizeof bytes; at++)
            bytes[at] = (unsigned char)chance_next();
        for (size_t at = 0; at < 8; at++)
            one[at] = other[at] = (uint32_t)chance_next();
        sha256_blocks_plain(one, bytes + from, count);
        (fast ? fast : sha256_blocks_plain)(other, bytes + from, count);
        assert_memory_equal(one, other, sizeof one);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_examples_of_the_standard),
        cmocka_unit_test(every_way_a_block_can_be_filled),
        cmocka_unit_test(bytes_of_every_value),
        cmocka_unit_test(a_block_without_the_processors_help),
        cmocka_unit_test(both_ways_come_to_the_same),
    };

    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests_name("sha256", tests, NULL, NULL);
}
