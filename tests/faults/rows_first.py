"""What newcomers (N) and neighbours (U) stumbled over, by number, and which test proves that it is mended."""

from rows import SYSTEM

EXAMPLES = SYSTEM + "test_examples.py::"

FIRST_ROWS = {
    "N9": (
        "a client that is killed and started again",
        [
            EXAMPLES + "test_killed_again_and_again",
            EXAMPLES + "test_what_was_done_and_not_acked_is_not_done_again",
            EXAMPLES + "test_a_signal_that_is_written_twice_is_one_decision",
            EXAMPLES + "test_it_bears_a_redis_that_goes_and_forgets",
        ],
    ),
}
