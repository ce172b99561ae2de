"""What newcomers (N) and neighbours (U) stumbled over, and what runs otherwise than it was measured (P), by number, and which test
proves that it is repaired."""

from rows import SYSTEM, UNIT

TERMINAL = SYSTEM + "test_terminal.py::"
FOLLOW = SYSTEM + "test_capacity_follow.py::"
EXAMPLES = SYSTEM + "test_examples.py::"
SHAPES = SYSTEM + "test_shapes.py::test_each_has_its_fate"

FIRST_ROWS = {
    "N1": ("a package build that wants what the tests want", [SYSTEM + "boot/test_readmes.py::test_it_builds_and_installs"]),
    "N2": (
        "a Redis that the build left off, and nobody says so",
        [
            SYSTEM + "boot/test_readmes.py::test_a_redis_that_the_build_left_off_is_named",
            UNIT + "test_advice.c::test_others",
        ],
    ),
    "N3": (
        "a halt behind a password",
        [
            UNIT + "test_program_env.c::reads_its_usual_variables",
            UNIT + "test_program_env.c::those_of_others_are_passed_over",
            SYSTEM + "boot/test_readmes.py::test_every_block_for_a_host_runs",
        ],
    ),
    "N4": (
        "findings cut off, a key that echoes",
        [
            TERMINAL + "test_what_is_wrong_stays_in_sight",
            TERMINAL + "test_a_key_ends_a_watch_without_an_echo",
            TERMINAL + "test_whatever_ends_a_watch_the_terminal_is_as_it_was",
            TERMINAL + "test_a_watch_that_is_stopped_gives_the_terminal_back",
        ],
    ),
    "N5": (
        "open orders that are not the positions",
        [
            SYSTEM + "test_status.py::test_positions_and_open_orders_differ",
            SYSTEM + "test_status.py::test_positions_of_an_executor_that_tells_at_its_port",
        ],
    ),
    "N6": (
        "a router that publishes what nobody takes",
        [
            SYSTEM + "test_status.py::test_the_router_may_publish_far_more_than_is_taken",
            SYSTEM + "test_status.py::test_caps_differ",
            SYSTEM + "test_status.py::test_the_caps_that_run_count_more_than_the_files",
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
    "N10": (
        "a verdict that tells a trader to deploy",
        [SYSTEM + "test_check_intents.py::test_a_stream_names_the_entries"],
    ),
    "N11": (
        "a refusal after minutes of building",
        [
            SYSTEM + "test_deploy_first.py::test_what_redis_refuses_is_refused_before_a_build",
            SYSTEM + "test_deploy_first.py::test_what_was_named_is_looked_at_before_a_build",
            SYSTEM + "test_deploy_first.py::test_what_only_the_candidate_can_tell_waits_for_it",
            SYSTEM + "test_deploy_first.py::test_a_bare_host_where_nobody_listens_is_refused_before_a_build",
            SYSTEM + "test_deploy_first.py::test_a_bare_host_without_the_socket_is_refused_before_a_build",
            SYSTEM + "test_deploy_first.py::test_a_bare_host_is_asked_no_more_than_its_files_tell",
        ],
    ),
    "N12": (
        "a proof without one signal",
        [SYSTEM + "test_deploy_first.py::test_without_a_signal_the_services_alone_are_proved"],
    ),
    "N13": (
        "a version that names no commit",
        [
            SYSTEM + "test_version.py::test_a_repository_tells_its_commit",
            SYSTEM + "test_version.py::test_an_archive_tells_the_same",
            SYSTEM + "test_version.py::test_what_the_package_build_writes_counts",
            SYSTEM + "test_version.py::test_programs_name_it_alike",
            "tests/packages/test_same_bytes.py::test_packages",
        ],
    ),
    "N15": (
        "a help too wide, a complaint of head",
        [
            TERMINAL + "test_help_fits_the_terminal",
            TERMINAL + "test_help_of_the_services_fits",
            TERMINAL + "test_no_command_complains_of_head",
            TERMINAL + "test_a_service_does_not_complain_of_head",
        ],
    ),
    "N16": ("hints that lack what they need", [SYSTEM + "test_demo.py::test_keep_stays_until_it_is_told"]),
    "N17": (
        "a reduction counted against garbage",
        [SYSTEM + "test_demo.py::test_all_states_in_a_pipe", UNIT + "test_demo.c::cycles_are_summed_up_by_state"],
    ),
    "N18": (
        "one unit test that nobody shows, a fate that is a number",
        [
            SYSTEM + "test_readmes.py::test_one_unit_test_is_one_command",
            UNIT + "test_fate.c::names_stand_in_the_order_of_cycle",
        ],
    ),
    "U1": (
        "a quantity whose unit nobody knows",
        [
            UNIT + "test_plan_intent.c::a_quantity_of_unknown_unit_is_not_carried",
            UNIT + "test_plan_intent.c::the_quantity_goes_with_a_size_that_was_clamped_where_it_was_read",
            UNIT + "test_router_settings.c::a_quantity_is_not_both_carried_and_dropped",
            SYSTEM + "test_intent.py::test_a_quantity_whose_unit_nobody_knows_is_left_out",
        ],
    ),
    "U2": (
        "exits of every spelling, shapes of every engine",
        [
            SHAPES,
            SYSTEM + "test_bad_signals.py::test_no_exit_is_published",
            SYSTEM + "test_executor_guards.py::test_no_exit_opens",
            UNIT + "property_trade.c::both_read_the_same",
        ],
    ),
    "U3": (
        "a dead group that closes the router for ever",
        [
            UNIT + "test_scripts_snapshot.c::one_without_consumers_does_not_count",
            UNIT + "test_scripts_snapshot.c::one_that_is_behind_and_silent_does_not_count",
            UNIT + "test_scripts_snapshot.c::one_that_may_not_be_asked_about_counts",
            UNIT + "test_scripts_commit.c::a_group_that_came_to_life",
            SYSTEM + "test_in_flight.py::test_u3_a_group_without_consumers_is_dead",
            SYSTEM + "test_in_flight.py::test_u3_a_group_that_is_behind_and_silent_is_dead",
            SYSTEM + "test_in_flight.py::test_u3_a_group_that_was_named_counts_always",
            SYSTEM + "test_in_flight.py::test_u3_our_executor_is_alive_from_its_first_moment",
            SYSTEM + "test_status.py::test_u3_a_dead_group_is_told",
        ],
    ),
    "U4": (
        "positions that nobody counts as open orders",
        [
            UNIT + "test_book.c::a_hash_is_held_or_flat_or_not_known",
            UNIT + "test_book.c::what_is_held_adds_up",
            UNIT + "test_book.c::one_that_cannot_be_believed_spoils_it",
            FOLLOW + "test_u4_it_follows_what_the_neighbour_holds",
            FOLLOW + "test_u4_what_cannot_be_believed_is_unknown",
            FOLLOW + "test_u4_no_key_at_all",
            FOLLOW + "test_u4_keys_of_a_wrong_type_stay_and_the_other_goes",
            FOLLOW + "test_u4_count_and_hash_change_at_one_moment",
            FOLLOW + "test_u4_what_it_wrote_ends_after_it",
            FOLLOW + "test_u4_redis_goes_and_comes_back",
            FOLLOW + "test_u4_a_router_follows_it",
            FOLLOW + "test_u4_it_refuses_to_run_beside_our_executor",
        ],
    ),
    "U5": (
        "a neighbour that publishes its decisions itself",
        [
            SYSTEM + "test_deploy_writers.py::test_another_writer_is_refused_before_the_switch",
            SYSTEM + "test_deploy_writers.py::test_an_old_router_is_one_writer_and_no_more",
            SYSTEM + "test_deploy_writers.py::test_after_the_switch_all_that_came_since_counts",
            SYSTEM + "test_status_writers.py::test_another_writer_is_named",
            SYSTEM + "boot/test_takeover.py::test_a_neighbour_that_publishes_itself_is_named_before_and_after",
        ],
    ),
    "U6": (
        "a bus that replays what it buffered",
        [
            SYSTEM + "test_age.py::test_what_was_buffered_is_not_traded_as_fresh",
            SYSTEM + "test_age.py::test_age_by_the_id_alone",
        ],
    ),
    "U7": (
        "results whose time and side readers do not find",
        [
            UNIT + "test_result.c::what_closed_by_itself_is_net_of_both_fees",
            UNIT + "test_result.c::what_an_adapter_says",
            SYSTEM + "test_executor_paper.py::test_what_a_result_tells",
            SYSTEM + "test_executor_paper.py::test_positions_of_an_older_version_are_closed",
            SYSTEM + "test_executor_stream.py::test_an_exit_is_handed_over_and_answered",
        ],
    ),
    "U8": (
        "a halt that neighbours read as none",
        [
            SYSTEM + "test_halt.py::test_the_key_is_set_alone_and_first",
            SYSTEM + "test_halt.py::test_a_refused_reason_is_only_told",
            SYSTEM + "test_halt.py::test_one_who_may_not_read_the_reason_is_halted_all_the_same",
            SYSTEM + "test_halt.py::test_a_neighbours_key_halts",
            SYSTEM + "test_halt.py::test_resume_names_what_still_halts",
            SYSTEM + "test_executor_hold.py::test_a_neighbours_key_holds",
            SYSTEM + "test_redis_acl.py::test_a_neighbours_key_needs_a_right",
            UNIT + "test_scripts_commit.c::what_else_halts_moves",
            UNIT + "test_scripts_open.c::keys_of_neighbours_keep_it_pending",
            UNIT + "test_scripts_hold.c::a_value_is_the_whole_of_a_string",
        ],
    ),
    "U9": (
        "a negative target, a percentage in it",
        [
            SHAPES,
            UNIT + "test_order.c::numbers_that_are_there_must_be_in_range",
            UNIT + "test_position.c::a_level_that_the_fill_has_reached_is_none",
            SYSTEM + "test_executor_paper.py::test_a_percentage_is_no_level",
            UNIT + "property_trade.c::both_read_the_same",
        ],
    ),
    "U10": (
        "what was dropped for nothing, or unnamed",
        [
            SHAPES,
            SYSTEM + "test_bad_signals.py::test_what_is_wrong_with_a_number_that_is_carried_spoils_nothing",
            SYSTEM + "test_bad_signals.py::test_log_names_each_reason",
        ],
    ),
    "U11": (
        "more past the target in a cycle than neighbours allow",
        [
            UNIT + "test_policy.c::supers_have_a_limit_of_a_cycle",
            UNIT + "test_sizing.c::a_boost_can_want_a_confidence",
            UNIT + "test_plan_limits.c::of_the_supers_of_a_cycle_the_best_passes",
            SYSTEM + "test_limits.py::test_supers_per_cycle",
            SYSTEM + "test_limits.py::test_among_neighbours",
        ],
    ),
    "U12": (
        "a comment behind a value, a service without a file",
        [
            UNIT + "test_options.c::a_comment_behind_a_value_is_named",
            UNIT + "test_check_config.c::a_comment_in_an_env_file_is_named",
            UNIT + "test_reload.c::without_a_file_a_reload_reads_none",
            UNIT + "test_fallback.c::the_variables_alone_are_left_out",
            SYSTEM + "test_check_config.py::test_a_comment_behind_a_value",
            SYSTEM + "test_check_config.py::test_no_file_at_all",
            SYSTEM + "boot/test_readmes.py::test_a_bad_line_of_its_variables_does_not_stop_a_halt_for_long",
        ],
    ),
    "P1": (
        "a decision that keeps Redis off its processor",
        [SYSTEM + "test_idle.py::test_a_window_asks_once", SYSTEM + "test_idle.py::test_wakes_seldom"],
    ),
}
