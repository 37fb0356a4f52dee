/* One-shot watches, set on as many nodes, and their events. */
#include <stdint.h>
#include <stdio.h>
#include "load.h"

enum { SETTING_WINDOW = 256 };

static struct flag finished = FLAG;
static struct figures *taken;
static long events, expected;

/* Called on the completion thread alone. */
static void changed(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    (void)zh, (void)state, (void)path, (void)context;
    if (type == ZOO_SESSION_EVENT) /* every watch is told of those; a lost one ends the run */
        return;
    if (type != ZOO_CHANGED_EVENT)
        fail("an event of another kind", ZMARSHALLINGERROR);
    if (events++ == 0)
        figures_begin(taken);
    if (events == expected) {
        figures_end(taken);
        flag_set(&finished);
    }
}

static void got(int code, const char *value, int length, const struct Stat *stat, const void *data)
{
    (void)value, (void)length, (void)stat;
    must("zoo_awget", code);
    answered(data);
}

static void ask(long number)
{
    char name[PATH_ROOM];
    snprintf(name, sizeof name, "%s/w%08ld", job.path, number);
    must("zoo_awget",
         zoo_awget(job.zh, name, changed, NULL, got, (const void *)(intptr_t)number));
}

void run_one_shot(long count, struct figures *figures)
{
    static const struct operation setting = {"one-shot", NULL, ask, NULL};
    taken = figures;
    expected = count;
    run_window(&setting, 0, count, SETTING_WINDOW, NULL);
    printf("ready\n");
    fflush(stdout);
    flag_wait(&finished);
}
