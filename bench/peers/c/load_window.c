/* Keep so many requests under way.
 *
 * They are made on the completion thread, from within completions, so the counters here need no
 * lock.  They are made 64 at a time: one in each completion, or all of them from another thread,
 * was no cheaper on a busy machine.  A narrow window is refilled at once, for else it would run
 * empty.
 */
#include <stdint.h>
#include "load.h"

enum { BATCH = 64, NARROW = 16 };

static struct flag finished = FLAG;
static const struct operation *now;
static long next, end, left, owed, batch;
static long long *stamps; /* when asked, then how long it took */
static long origin;

long batch_of(long in_flight)
{
    if (in_flight <= NARROW)
        return 1;
    return in_flight / 4 < BATCH ? in_flight / 4 : BATCH;
}

static void ask(long requests)
{
    for (; requests > 0 && next < end; requests--, next++) {
        if (stamps != NULL)
            stamps[next - origin] = now_ns();
        now->ask(next);
    }
}

void answered(const void *data)
{
    long number = (intptr_t)data;
    if (stamps != NULL)
        stamps[number - origin] = now_ns() - stamps[number - origin];
    if (++owed == batch) {
        ask(owed);
        owed = 0;
    }
    if (--left == 0)
        flag_set(&finished);
}

static void start(int code, const struct Stat *stat, const void *data)
{
    (void)stat;
    must("zoo_aexists", code);
    ask(*(const long *)data);
}

void run_window(const struct operation *operation, long first, long count, long in_flight,
                long long *took)
{
    if (count == 0)
        return;
    if (in_flight == 1) {
        for (long i = 0; i < count; i++) {
            long long asked = now_ns();
            operation->one(first + i);
            if (took != NULL)
                took[i] = now_ns() - asked;
        }
        return;
    }
    now = operation;
    next = origin = first;
    end = first + count;
    left = count;
    owed = 0;
    batch = batch_of(in_flight);
    stamps = took;
    must("zoo_aexists", zoo_aexists(job.zh, "/", 0, start, &in_flight));
    flag_wait(&finished);
}
