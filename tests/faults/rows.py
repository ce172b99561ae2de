#!/usr/bin/python3
"""Which test proves which row of the list of faults; prints the table for the README.

Rows that are neither the router's nor the executor's have none: F10, F11 (there is no MULTI), F52, F58, F73 (quantumctl). The executor has those that touch its connection and its scripts, and no code of its own.
"""

HERE, SYSTEM, UNIT = "tests/faults/", "tests/system/", "tests/unit/"
LOST, LATE = HERE + "test_connection_lost.py::", HERE + "test_late_commit.py::"
REPLIES, REFUSES = HERE + "test_bad_replies.py::", HERE + "test_server_refuses.py::"
STATES, LEADERS, DATA = HERE + "test_server_states.py::", HERE + "test_leadership.py::", HERE + "test_data.py::"
PAST = HERE + "test_lost_past.py::"
EXECUTOR_PAST = HERE + "test_executor_lost_past.py::"
REPLICAS = HERE + "test_replicas.py::"
TRADING_PAST = HERE + "test_trading_lost_past.py::"
UNSUITABLE, CLOCKS = HERE + "test_unsuitable.py::", HERE + "test_clocks.py::"
BYTES, KILLS = HERE + "test_torture_bytes.py::", HERE + "test_torture_kills.py::"
REFUSING, STRAYS = SYSTEM + "test_refusing_redis.py::", SYSTEM + "test_strays.py::"
BAD, REFUSED = SYSTEM + "test_bad_signals.py::", SYSTEM + "test_refused.py::"

EVERY_BYTE = BYTES + "test_torture_cut_after_every_byte"
EVERY_STEP = KILLS + "test_f44_f54_every_step_is_the_last"

ROWS = {
    "F01": ("the port opens late", [LOST + "test_f01_port_opens_late"]),
    "F02": ("RST, idle and busy", [LOST + "test_f02_reset"]),
    "F03": ("FIN at every byte of a reply", [LOST + "test_f03_end_within_a_reply_at_every_byte", EVERY_BYTE]),
    "F04": ("a read ran, its reply is cut", [LOST + "test_f04_reply_with_entries_is_lost", EVERY_BYTE]),
    "F05": (
        "the commit ran, its reply is cut",
        [LOST + "test_f05_commit_ran_and_its_reply_is_lost", LOST + "test_f05_others_have_committed_since", EVERY_BYTE],
    ),
    "F06": ("the commit is cut before Redis", [LOST + "test_f06_commit_never_arrives", EVERY_BYTE]),
    "F07": (
        "the commit is held and released later",
        [
            LATE + "test_f07_released_before_the_next_commit",
            LATE + "test_f07_released_after_the_next_commit",
            LATE + "test_f07_released_after_another_leaders_commit",
            LATE + "test_f07_released_after_the_lease_ran_out",
        ],
    ),
    "F08": (
        "a stopped server, a commit, FIN or RST",
        [LOST + "test_f08_server_stands_still_with_a_commit_and_the_client_leaves"],
    ),
    "F09": ("CLIENT PAUSE WRITE", [LOST + "test_f09_writes_are_paused_and_the_client_gives_up"]),
    "F12": ("one direction freezes", [LOST + "test_f12_one_direction_freezes"]),
    "F13": ("single bytes, delays, random cuts", [REPLIES + "test_f13_crumbs_delays_and_cuts"]),
    "F14": ("a reply that nobody asked for", [REPLIES + "test_f14_reply_that_nobody_asked_for"]),
    "F15": ("replies that are none", [REPLIES + "test_f15_reply_that_is_none"]),
    "F16": ("CLIENT KILL every 100 ms", [REFUSES + "test_f16_clients_are_killed_again_and_again"]),
    "F17": ("maxclients", [REFUSES + "test_f17_too_many_clients"]),
    "F18": (
        "client-output-buffer-limit",
        [REFUSES + "test_f18_f19_replies_that_redis_will_not_hold", REFUSES + "test_f18_an_entry_that_redis_will_not_hand_out"],
    ),
    "F19": ("maxmemory-clients", [REFUSES + "test_f18_f19_replies_that_redis_will_not_hold"]),
    "F20": ("a name that hangs", [HERE + "test_names.py::test_f20_name_that_hangs"]),
    "F21": ("the server sleeps past the lease", [STATES + "test_f21_server_sleeps_longer_than_the_lease_lives"]),
    "F22": ("OOM", [STATES + "test_f22_out_of_memory", REFUSING + "test_refused_by_its_state"]),
    "F23": ("an eviction policy", [UNSUITABLE + "test_f23_keys_may_be_evicted"]),
    "F24": ("NOREPLICAS", [REFUSING + "test_refused_by_its_state", REFUSING + "test_refusals_under_flow"]),
    "F25": ("demotion", [STATES + "test_f25_demotion", REFUSING + "test_refused_by_its_state"]),
    "F26": ("MASTERDOWN", [REFUSING + "test_refused_by_its_state"]),
    "F27": ("LOADING", [REFUSING + "test_redis_is_still_loading"]),
    "F28": ("BUSY", [REFUSING + "test_long_script_of_somebody_else"]),
    "F29": ("a cluster's node", [REFUSES + "test_f29_node_of_a_cluster"]),
    "F30": ("MISCONF", [REFUSING + "test_snapshots_fail"]),
    "F31": (
        "kill -9 of the server, with its file",
        [
            STATES + "test_f31_server_is_killed_at_a_commit",
            STATES + "test_f31_torn_commit_in_the_file_is_dropped_whole",
        ],
    ),
    "F32": ("kill -9 of the server, without", [STATES + "test_f32_server_that_kept_nothing"]),
    "F33": ("FLUSHALL under a commit", [LATE + "test_f33_everything_is_flushed_under_a_commit"]),
    "F34": ("the stream goes while a read blocks", [STATES + "test_f34_stream_goes_while_a_read_blocks"]),
    "F35": ("XGROUP SETID", [STATES + "test_f35_group_is_set_back", STATES + "test_f35_group_is_set_forward"]),
    "F36": ("the user is taken away", [REFUSES + "test_f36_user_is_taken_away"]),
    "F37": ("a right is lost under a commit", [LATE + "test_f37_a_right_is_lost_under_a_commit"]),
    "F38": ("the clock jumps", [CLOCKS + "test_f38_clock_jumps_ahead", CLOCKS + "test_f38_clock_jumps_back"]),
    "F39": ("an up-to-date replica takes over", [HERE + "test_failover.py::test_f39_replica_takes_over"]),
    "F40": ("the replica lacks what is executed", [REPLICAS + "test_f40_nothing_is_executed_that_the_replica_lacks"]),
    "F41": (
        "two masters after a partition",
        [
            REPLICAS + "test_f41_of_two_masters_the_one_that_was_left_executes_nothing",
            PAST + "test_r5_a_master_that_is_cut_off_stops",
            SYSTEM + "test_sentinel.py::test_failover_under_flow",
        ],
    ),
    "F42": ("the new master counts from below", [HERE + "test_failover.py::test_f42_new_master_counts_ids_from_below"]),
    "F43": (
        "the address leads elsewhere",
        [
            HERE + "test_failover.py::test_f43_the_address_leads_elsewhere_under_a_live_connection",
            PAST + "test_r2_two_servers_behind_one_address",
        ],
    ),
    "F44": (
        "kill -9 at every step, and anywhere",
        [
            EVERY_STEP,
            KILLS + "test_f44_standby_takes_over_from_every_step",
            HERE + "test_kill_loop.py::test_f44_killed_at_random_instants",
        ],
    ),
    "F45": (
        "the leader is stopped before its commit",
        [LATE + "test_f45_leader_is_stopped_between_looking_and_committing"],
    ),
    "F46": (
        "the lease runs out before the commit",
        [
            LATE + "test_f46_lease_runs_out_before_the_commit_arrives",
            LATE + "test_f07_released_after_the_lease_ran_out",
        ],
    ),
    "F47": ("own renewals before the commit", [LATE + "test_f47_own_renewals_do_not_refuse_a_commit"]),
    "F48": (
        "two start at once; the lease's answer is lost",
        [LEADERS + "test_f48_two_start_at_once", LEADERS + "test_f48_answer_to_taking_the_lease_is_lost"],
    ),
    "F49": ("a zombie reads", [LEADERS + "test_f49_read_of_a_deposed_leader_arrives_late"]),
    "F50": ("what the window holds is claimed", [STRAYS + "test_what_the_window_holds_is_not_claimed_again"]),
    "F51": ("an empty page is not the last one", [STRAYS + "test_more_than_a_page_that_is_not_idle_yet"]),
    "F53": (
        "an allocation or a call fails",
        [
            HERE + "test_f53_allocation.py::test_f53_allocation_fails",
            HERE + "test_f53_allocation.py::test_f53_call_fails",
            UNIT + "test_memory.c::a_refusal_ends_the_process_with_one_line",
        ],
    ),
    "F54": (
        "SIGTERM at every step; twice",
        [EVERY_STEP, KILLS + "test_f54_second_sigterm_while_a_commit_is_on_its_way"],
    ),
    "F55": (
        "the log goes nowhere",
        [LEADERS + "test_f55_log_goes_nowhere", UNIT + "test_log_output.c::counts_what_the_journal_does_not_take"],
    ),
    "F56": (
        "pending entries are deleted",
        [BAD + "test_pending_entries_that_were_deleted", STRAYS + "test_of_a_dead_consumer_and_of_our_own_name"],
    ),
    "F57": ("entries are trimmed unread", [UNSUITABLE + "test_f57_entries_are_trimmed_before_they_are_read"]),
    "F59": ("a signal is sent again", [DATA + "test_f59_signal_is_sent_again"]),
    "F60": ("the last id is used up", [DATA + "test_f60_last_id_is_used_up"]),
    "F61": (
        "monsters",
        [
            DATA + "test_f61_monsters",
            DATA + "test_f61_entry_of_more_fields_than_anybody_needs",
            BAD + "test_bad_signal",
        ],
    ),
    "F62": ("JSON at its edges", [DATA + "test_f62_json_at_its_edges", BAD + "test_bad_signal"]),
    "F63": ("JSON bombs", [DATA + "test_f63_json_bombs", BAD + "test_twenty_payloads_of_3_mb_in_one_read"]),
    "F64": (
        "numbers, and a locale with commas",
        [
            BAD + "test_locale_with_decimal_commas",
            BAD + "test_bad_signal",
            UNIT + "test_number.c::refuses_what_is_no_number",
        ],
    ),
    "F65": (
        "the capacity is nonsense",
        [
            DATA + "test_f65_capacity_is_nonsense_for_a_while",
            SYSTEM + "test_capacity.py::test_unparseable",
            SYSTEM + "test_capacity.py::test_wrong_type",
        ],
    ),
    "F66": ("the counter is nonsense", [REFUSED + "test_output_key_of_a_wrong_type"]),
    "F67": (
        "the capacity moves under a commit",
        [
            LATE + "test_f67_capacity_is_gone_under_a_commit",
            LATE + "test_f67_capacity_never_stands_still",
            DATA + "test_f67_capacity_changes_all_the_time",
        ],
    ),
    "F68": ("names that forge", [DATA + "test_f68_names_that_forge", BAD + "test_long_decision_id_with_line_breaks"]),
    "F69": ("ids that might meet", [DATA + "test_f69_ids_that_might_meet"]),
    "F70": ("a burst", [DATA + "test_f70_burst", SYSTEM + "test_overload.py::test_window_is_thinned"]),
    "F71": ("midnight under a commit", [CLOCKS + "test_f71_midnight_between_looking_and_committing"]),
    "F74": (
        "Redis comes back with an older state",
        [
            UNSUITABLE + "test_f74_redis_comes_back_with_an_old_snapshot",
            SYSTEM + "test_rolled_back.py::test_older_state_is_found_and_taken_only_on_demand",
        ],
    ),
}

EXECUTOR, TORTURE = HERE + "test_executor_faults.py::", HERE + "test_executor_torture.py::"
EXITS, SYMBOLS = SYSTEM + "test_executor_exits.py::", SYSTEM + "test_executor_symbols.py::"
SERVES_NOBODY = HERE + "test_executor_states.py::"
KILL, STANDS = SYSTEM + "test_executor_kill.py::", "test_f21_executor_server_stands_still_with_a_fill"
CUT = TORTURE + "test_executor_cut_after_every_byte"

# The executor's own.
EXECUTOR_ROWS = {
    "F01": ("the port opens late", [EXECUTOR + "test_f01_executor_port_opens_late"]),
    "F02": ("RST, idle and busy", [EXECUTOR + "test_f02_executor_reset"]),
    "F03": ("FIN at every byte of a reply", [EXECUTOR + "test_f03_executor_end_within_a_reply_at_every_byte", CUT]),
    "F04": ("a read ran, its reply is cut", [EXECUTOR + "test_f04_executor_reply_with_entries_is_lost", CUT]),
    "F05": (
        "a script ran, its reply is cut",
        [
            EXECUTOR + "test_f05_executor_script_ran_and_its_reply_is_lost",
            KILL + "test_f05_f08_a_fill_whose_answer_was_lost_is_told_all_the_same",
            CUT,
        ],
    ),
    "F06": ("a script is cut before Redis", [EXECUTOR + "test_f06_executor_script_never_arrives", CUT]),
    "F07": (
        "a script or a read is held and released later",
        [
            EXECUTOR + "test_f07_executor_script_is_released_late",
            EXECUTOR + "test_f07_executor_script_is_released_before_it_is_sent_again",
            EXECUTOR + "test_f07_executor_late_end_of_a_position",
            EXECUTOR + "test_f07_executor_late_read",
        ],
    ),
    "F08": (
        "a stopped server, a fill, FIN or RST",
        [EXECUTOR + "test_f08_executor_server_stands_still_with_a_fill_and_the_client_leaves"],
    ),
    "F09": ("CLIENT PAUSE WRITE", [EXECUTOR + "test_f09_executor_writes_are_paused_and_the_client_gives_up"]),
    "F12": ("one direction freezes", [EXECUTOR + "test_f12_executor_one_direction_freezes"]),
    "F13": ("single bytes", [EXECUTOR + "test_f13_executor_crumbs"]),
    "F14": ("a reply that nobody asked for", [EXECUTOR + "test_f14_executor_reply_that_nobody_asked_for"]),
    "F15": ("replies that are none", [EXECUTOR + "test_f15_executor_reply_that_is_none"]),
    "F16": ("CLIENT KILL every 100 ms", [EXECUTOR + "test_f16_executor_clients_are_killed_again_and_again"]),
    "F17": ("maxclients", [EXECUTOR + "test_f17_executor_too_many_clients"]),
    "F21": ("the server stands still", [EXECUTOR + STANDS, KILL + "test_f21_a_redis_that_hangs"]),
    "F22": ("OOM", [EXECUTOR + "test_f22_f24_executor_is_refused", KILL + "test_f22_out_of_memory"]),
    "F24": ("NOREPLICAS", [EXECUTOR + "test_f22_f24_executor_is_refused"]),
    "F25": ("demotion", [EXECUTOR + "test_f25_executor_demotion"]),
    "F26": ("MASTERDOWN", [SERVES_NOBODY + "test_f26_executor_replica_without_its_master"]),
    "F27": ("LOADING", [SERVES_NOBODY + "test_f27_executor_redis_is_still_loading"]),
    "F28": ("BUSY", [EXECUTOR + "test_f28_executor_long_script_of_somebody_else"]),
    "F30": ("MISCONF", [SERVES_NOBODY + "test_f30_executor_snapshots_fail"]),
    "F31": ("kill -9 of the server, with its file", [EXECUTOR + "test_f31_executor_server_is_killed_at_a_fill"]),
    "F32": ("kill -9 of the server, without", [KILL + "test_f32_a_redis_without_memory"]),
    "F33": ("FLUSHALL under a fill", [EXECUTOR + "test_f33_executor_everything_is_flushed_under_a_fill"]),
    "F34": ("the group goes while a read blocks", [EXECUTOR + "test_f34_executor_stream_goes_while_a_read_blocks"]),
    "F35": ("XGROUP SETID", [KILL + "test_f72_the_same_intent_three_times"]),
    "F36": ("a user who may not", [KILL + "test_f36_a_user_who_may_not"]),
    "F37": ("a right is lost under a fill", [EXECUTOR + "test_f37_executor_right_is_lost_under_a_fill"]),
    "F56": ("pending entries are deleted", [KILL + "test_f56_entries_deleted_while_they_are_pending"]),
    "F72": (
        "kill -9 at every step, and anywhere; delivered again",
        [
            TORTURE + "test_f72_every_step_is_the_last",
            TORTURE + "test_f72_killed_at_random_instants_under_faults",
            KILL + "test_f72_the_same_intent_three_times",
            KILL + "test_f72_killed_between_the_beginning_and_the_fill",
        ],
    ),
}
SET = SYSTEM + "test_clock_set.py::"

STREAM_VENUE = SYSTEM + "test_executor_stream.py::"
AS_THE_EXCHANGE = HERE + "test_executor_venue.py::test_h3_h4_h5_h14_h19_the_stream_venue_is_as_the_exchange"
SET, STEPS = SYSTEM + "test_clock_set.py::", HERE + "test_clock_steps.py::"

# What attackers found: holes (H), safety of the machine (S), Redis and the like (R).
FOUND_ROWS = {
    "H1": (
        "what means an exit opens",
        [
            UNIT + "test_direction.c::what_means_an_exit_is_one_whatever_else_it_says",
            UNIT + "property_trade.c::both_read_the_same",
            BAD + "test_no_exit_is_published",
            SYSTEM + "test_executor_guards.py::test_no_exit_opens",
        ],
    ),
    "H2": (
        "the clock is set back or on",
        [
            STEPS + "test_h2_router",
            STEPS + "test_h2_executor",
            STEPS + "test_h2_drain",
            SET + "test_h2_an_exit_is_no_backlog_after_the_clock_was_set_back",
            SET + "test_h2_a_signal_is_no_backlog_after_the_clock_was_set_back",
            SET + "test_h2_a_position_closes_though_the_clock_was_set",
            SET + "test_h2_a_rate_does_not_outlive_its_window",
            SET + "test_h2_an_order_at_the_venue",
            UNIT + "test_intake.c::a_clock_that_was_set_drops_nobody",
            UNIT + "test_scripts_clock.c::an_age_that_holds_no_more",
            UNIT + "test_scripts_hold.c::an_end_that_lies_ahead_is_now",
            UNIT + "test_guards.c::an_exit_is_never_ahead",
            UNIT + "test_drain_scripts.c::a_drop_that_holds_no_more",
        ],
    ),
    "H3": (
        "an exit that is answered before the opening's fill",
        [
            STREAM_VENUE + "test_h3_an_exit_is_answered_before_the_fill",
            STREAM_VENUE + "test_h3_an_exit_closes_nothing_yet",
            STREAM_VENUE + "test_h3_what_was_refused_is_filled_after_all",
            UNIT + "test_answer.c::the_table",
            AS_THE_EXCHANGE,
        ],
    ),
    "H4": (
        "an answer that Redis refuses once",
        [
            STREAM_VENUE + "test_h4_what_redis_refused_once_is_tried_again",
            STREAM_VENUE + "test_h4_a_read_that_redis_refused_is_tried_again",
            STREAM_VENUE + "test_h4_out_of_memory",
            AS_THE_EXCHANGE,
        ],
    ),
    "H5": (
        "two exits of one position",
        [
            STREAM_VENUE + "test_h5_one_exit_is_outstanding_for_a_position",
            STREAM_VENUE + "test_h5_an_exit_that_was_rejected_leaves_room_for_another",
            STREAM_VENUE + "test_h5_an_exit_that_nobody_answers_is_in_the_way_until_it_expires",
            STREAM_VENUE + "test_h5_what_was_refused_comes_back_with_its_exit",
            UNIT + "test_guards.c::exits_that_an_adapter_has",
            AS_THE_EXCHANGE,
        ],
    ),
    "H6": (
        "what was buffered in an outage is traded as fresh",
        [
            UNIT + "test_signal.c::the_older_of_id_and_timestamp_counts",
            UNIT + "test_signal.c::by_its_timestamp_it_is_stale_behind_low_confidence",
            UNIT + "test_plan.c::what_was_said_too_long_ago_is_stale",
            UNIT + "test_behind.c::a_minute_of_nothing_else_is_told",
            SYSTEM + "test_age.py::test_what_was_buffered_is_not_traded_as_fresh",
        ],
    ),
    "H7": (
        "one decision under two names, many under one",
        [
            UNIT + "test_inner_ids.c::over_three_symbols_within_a_minute_are_too_many",
            BAD + "test_an_inner_id_that_names_many_symbols_is_no_decisions",
            UNIT + "test_decision_id.c::then_those_in_the_document_count",
            UNIT + "property_trade.c::both_read_the_same",
        ],
    ),
    "H8": (
        "an intent trimmed before anybody has read it",
        [
            UNIT + "test_scripts_trim.c::no_young_intent_is_trimmed",
            UNIT + "test_router_settings.c::the_stream_holds_what_may_be_unread",
            SYSTEM + "test_reload.py::test_a_burst_that_the_stream_cannot_hold",
        ],
    ),
    "H9": (
        "a mark gone while its entry is fresh",
        [
            UNIT + "test_router_settings.c::a_mark_outlasts_every_signal",
            UNIT + "test_executor_settings.c::a_mark_outlasts_every_intent",
            UNIT + "property_settings.c::an_accepted_router_keeps_what_it_promises",
            UNIT + "property_settings.c::an_accepted_executor_keeps_what_it_promises",
        ],
    ),
    "H10": (
        "a rate, a beginning or an exit that is no number",
        [
            UNIT + "test_scripts_open.c::a_rate_that_is_no_count_changes_nothing",
            UNIT + "test_scripts_open.c::an_exit_without_an_id_is_the_symbols_fault",
            UNIT + "test_scripts_hold.c::a_count_that_cannot_be_stepped_is_left_alone",
            UNIT + "test_scripts_end.c::an_exit_whose_ids_are_none_changes_nothing",
            SYSTEM + "test_scripts_matrix.py::test_scripts_check_before_they_write",
        ],
    ),
    "H11": (
        "prices of ten symbols that cannot be read",
        [
            SYMBOLS + "test_h11_bad_prices_of_ten_symbols",
            SYMBOLS + "test_one_broken_symbol_does_not_fill_the_desk",
            UNIT + "test_turns.c::a_fault_is_one_symbols",
        ],
    ),
    "H12": (
        "keys of one symbol of a wrong type",
        [SYMBOLS + "test_h12_keys_of_a_wrong_type", SYMBOLS + "test_h12_a_beginning_that_is_none"],
    ),
    "H13": (
        "a number beyond all trade, in an opening or an exit",
        [
            UNIT + "test_order.c::no_exit_is_lost_for_a_number",
            UNIT + "test_order.c::an_exit_whose_time_is_none_has_the_entrys",
            SYSTEM + "test_executor_guards.py::test_no_exit_is_lost_for_a_number",
            UNIT + "test_order.c::numbers_that_are_there_must_be_in_range",
            UNIT + "test_carried.c::prices_and_quantities_that_are_none_are_left_out",
            UNIT + "test_position.c::the_largest_order_makes_a_position",
            UNIT + "test_number.c::what_is_not_finite_stays",
            SYSTEM + "test_executor_guards.py::test_no_number_stops_the_executor",
            SYSTEM + "test_executor_paper.py::test_odd_positions_and_prices_are_in_nobodys_way",
        ],
    ),
    "H14": (
        "answers that a dead consumer had",
        [
            STREAM_VENUE + "test_h14_answers_of_a_dead_consumer_are_claimed",
            STREAM_VENUE + "test_h14_a_claimed_answer_counts_where_it_stands",
            STREAM_VENUE + "test_h14_a_claimed_fill_counts_where_it_stands",
            AS_THE_EXCHANGE,
        ],
    ),
    "H15": (
        "settings that are accepted and cannot work",
        [
            UNIT + "test_router_warnings.c::warns_of_what_hardly_works",
            SYSTEM + "test_any_settings.py::test_what_is_accepted_works",
            UNIT + "test_router_warnings.c::warns_of_deadlines_that_are_too_short",
            UNIT + "test_executor_settings.c::warns_of_what_hardly_works",
            UNIT + "test_executor_settings.c::warns_of_paper_where_it_fills",
            UNIT + "test_executor_settings.c::orders_that_nobody_has_read_are_not_trimmed",
            SYSTEM + "test_reload.py::test_what_is_odd_now_is_warned_of",
        ],
    ),
    "H16": (
        "what is written after the clock was set back is ahead of it",
        [
            SET + "test_h16_signals_go_on_by_the_remedy",
            SET + "test_h16_intents_go_on_by_the_remedy",
        ],
    ),
    "H17": (
        "a full window keeps duplicates and symbols that rest",
        [
            SYSTEM + "test_overload.py::test_h17_duplicates_take_nobodys_place_in_a_full_window",
            SYSTEM + "test_overload.py::test_h17_symbols_that_rest_take_nobodys_place",
            UNIT + "test_window.c::those_without_hope_fall_first",
            UNIT + "test_window.c::those_without_hope_take_no_place",
            UNIT + "test_window.c::one_without_hope_is_no_bar",
        ],
    ),
    "H18": (
        "an exit behind openings that are held",
        [
            SYSTEM + "test_executor_hold.py::test_h18_an_exit_behind_1500_openings_that_are_held",
            EXITS + "test_h22_an_exit_overtakes_what_waits_for_its_turn",
            UNIT + "test_turns.c::so_many_openings_and_every_exit",
            UNIT + "test_inbox.c::a_hold_that_ends_while_it_reads_again",
        ],
    ),
    "H19": (
        "answers that nobody trims",
        [
            STREAM_VENUE + "test_h19_answers_are_trimmed_behind_what_is_settled",
            UNIT + "test_scripts_answer.c::what_is_settled_is_trimmed",
            AS_THE_EXCHANGE,
        ],
    ),
    "H20": (
        "midnight or a minute comes once more",
        [
            SET + "test_h20_midnight_once_more_is_no_new_day",
            SET + "test_h20_a_minute_does_not_last_for_as_long_as_the_clock_was_set_back",
        ],
    ),
    "H21": (
        "a lease that outlives its holder by a step of the clock",
        [
            SET + "test_h21_a_standby_does_not_wait_for_the_clock",
            SET + "test_h21_a_holder_that_lives_is_let_be",
        ],
    ),
    "H22": (
        "an opening that waited behind its exit",
        [
            EXITS + "test_h22_an_opening_that_was_held",
            EXITS + "test_h22_an_exit_that_closed_something_ends_what_was_held_too",
            EXITS + "test_h22_what_is_held_ends_while_it_is_held",
            EXITS + "test_h22_an_exit_overtakes_what_waits_for_its_turn",
            EXITS + "test_h22_an_opening_after_the_exit_goes_on",
            EXITS + "test_h22_killed_between_the_exit_and_the_end_of_the_hold",
            EXITS + "test_h22_killed_before_the_exit_was_read",
            EXITS + "test_h22_an_opening_that_a_dead_consumer_had",
            EXITS + "test_h22_another_executor_has_the_opening_at_its_venue",
            EXITS + "test_h22_an_exit_that_does_not_count_supersedes_nothing",
        ],
    ),
    "S1": (
        "a password in a file that everybody may read",
        [
            SYSTEM + "test_readmes.py::test_what_may_hold_a_password_is_made_for_its_owner_alone",
            SYSTEM + "test_exposed.py::test_a_configuration",
            SYSTEM + "test_exposed.py::test_files_of_variables",
            SYSTEM + "test_exposed.py::test_at_the_start",
        ],
    ),
    "S2": (
        "somebody else's lock, and somebody else's process",
        [
            SYSTEM + "test_deploy_lock.py::test_a_link_in_its_place_is_refused",
            SYSTEM + "test_deploy_lock.py::test_a_folder_that_others_may_write_to_is_refused",
            SYSTEM + "test_deploy_lock.py::test_a_hanging_deploy_is_ended_and_nobody_else",
        ],
    ),
    "S3": (
        "sixteen who trickle; a name that means another page",
        [
            UNIT + "test_http_slow.c::those_who_trickle_keep_nobody_out",
            UNIT + "test_http_slow.c::another_host",
            UNIT + "test_http_host.c::names_of_others",
        ],
    ),
    "R1": (
        "a server that lacks its last seconds, and those who knew of them",
        [
            PAST + "test_r1_leader_dies_with_a_server_whose_replica_lagged",
            PAST + "test_r1_a_standby_that_restarts_keeps_the_moment",
            PAST + "test_r1_leader_outlives_a_server_whose_replica_lagged",
            PAST + "test_r1_router_and_redis_are_killed_and_an_older_file_comes_back",
            PAST + "test_r1_a_plain_restart_holds_nothing_back",
            EXECUTOR_PAST + "test_r1_executor_dies_with_a_server_whose_replica_lagged",
            EXECUTOR_PAST + "test_r1_executor_outlives_a_server_whose_replica_lagged",
            EXECUTOR_PAST + "test_r1_executor_holds_nothing_back_after_a_plain_restart",
            TRADING_PAST + "test_r1_all_are_killed_under_flow_and_an_older_file_comes_back",
            TRADING_PAST + "test_r1_two_masters_for_a_while_each_with_a_router_and_an_executor",
        ],
    ),
    "R2": ("two servers behind one address", [PAST + "test_r2_two_servers_behind_one_address"]),
    "R3": (
        "a number that two versions of libconfig read as two",
        [
            UNIT + "test_options_syntax.c::refuses_what_versions_read_differently",
            UNIT + "test_options_values.c::refuses_leading_zeros",
        ],
    ),
    "R4": (
        "a server that corrects its count of reads",
        [
            UNSUITABLE + "test_r4_a_server_that_corrects_its_count_hides_no_loss",
            UNIT + "test_group_reads.c::a_server_that_corrects_leaps_over_what_is_gone",
        ],
    ),
    "R5": (
        "a master that is cut off",
        [
            PAST + "test_r5_a_master_that_is_cut_off_stops",
            PAST + "test_r5_replicas_without_a_minimum_are_told",
            UNIT + "test_link_loss.c::a_frozen_greeting",
        ],
    ),
    "R6": (
        "the wrong node of a cluster is empty; a failure is a Success",
        [
            SYSTEM + "test_cluster_node.py::test_no_command_takes_it_for_empty",
            SYSTEM + "test_cluster_node.py::test_status_knows_nothing",
            SYSTEM + "test_cluster.py::test_the_owner_is_found_from_any_node",
            SYSTEM + "test_no_redis.py::test_quantumctl",
            SYSTEM + "test_no_redis.py::test_services",
            UNIT + "test_reason.c::success_is_no_reason",
        ],
    ),
}


def table(rows):
    lines = ["| row | fault | proved by |", "|---|---|---|"]
    for row, (fault, tests) in rows.items():
        names = " ".join(f"`{test.removeprefix('tests/')}`" for test in tests)
        lines.append(f"| {row} | {fault} | {names} |")
    return "\n".join(lines)


if __name__ == "__main__":
    from rows_first import FIRST_ROWS

    print(table(FIRST_ROWS), table(ROWS), table(EXECUTOR_ROWS), table(FOUND_ROWS), sep="\n\n")
