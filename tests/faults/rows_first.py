"""What newcomers (N) and neighbours (U) stumbled over, by number, and which test proves that it is mended."""

from rows import SYSTEM, UNIT

EXAMPLES = SYSTEM + "test_examples.py::"

FIRST_ROWS = {
    "N3": (
        "a halt behind a password",
        [
            UNIT + "test_program_env.c::reads_its_usual_variables",
            UNIT + "test_program_env.c::those_of_others_are_passed_over",
            SYSTEM + "boot/test_readme.py::test_every_block_for_a_host_runs",
        ],
    ),
    "N9": (
        "a client that is killed and started again",
        [
            EXAMPLES + "test_killed_again_and_again",
            EXAMPLES + "test_what_was_done_and_not_acked_is_not_done_again",
            EXAMPLES + "test_a_signal_that_is_written_twice_is_one_decision",
            EXAMPLES + "test_it_bears_a_redis_that_goes_and_forgets",
        ],
    ),
    "U8": (
        "a halt that neighbours read as none",
        [
            SYSTEM + "test_halt.py::test_the_key_is_set_alone_and_first",
            SYSTEM + "test_halt.py::test_a_refused_reason_is_only_told",
            SYSTEM + "test_halt.py::test_one_who_may_not_read_the_reason_is_halted_all_the_same",
        ],
    ),
}
