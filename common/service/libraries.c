/* SPDX-License-Identifier: MIT */
#include "common/service/libraries.h"

#include <hiredis/hiredis.h>
#include <jansson.h>
#include <stdlib.h>
#include <uv.h>

#include "common/base/memory.h"

static void supply_hiredis(void)
{
#if HIREDIS_MAJOR > 0
    hiredisAllocFuncs functions = {
        .mallocFn = memory_raw,
        .callocFn = memory_array,
        .reallocFn = memory_raw_resize,
        .strdupFn = memory_text,
        .freeFn = free,
    };

    (void)hiredisSetAllocators(&functions);
#endif
}

void libraries_begin(void)
{
    json_set_alloc_funcs(memory_raw, free);
    (void)uv_replace_allocator(memory_raw, memory_raw_resize, memory_array, free);
    supply_hiredis();
    json_object_seed(0);
}
