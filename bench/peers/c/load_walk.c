/* Visit a tree: children are asked for from within completions, as many at once as may be.
 *
 * The library has no walk of its own.  What is yet to be visited is a stack and not a queue,
 * which holds less.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "load.h"

static struct flag finished = FLAG;
static char **waiting; /* the paths yet to be visited */
static long held, room, under_way, visited;

static void push(const char *parent, const char *name)
{
    if (held == room) {
        room = room ? 2 * room : 1024;
        waiting = realloc(waiting, room * sizeof *waiting);
    }
    size_t length = strlen(parent);
    int is_root = length == 1; /* of the namespace, whose path ends with the slash */
    char *path = malloc(length + strlen(name) + 2);
    if (waiting == NULL || path == NULL)
        fail("walk", ZSYSTEMERROR);
    sprintf(path, "%s%s%s", parent, is_root || !*name ? "" : "/", name);
    waiting[held++] = path;
}

static void visit(char *path, int code, const struct String_vector *names)
{
    must("children", code);
    visited++;
    for (int i = 0; i < names->count; i++)
        push(path, names->data[i]);
    free(path);
}

static void listed(int code, const struct String_vector *names, const void *data);

static void ask(void)
{
    while (held > 0 && under_way < job.in_flight) {
        char *path = waiting[--held];
        under_way++;
        must("zoo_aget_children", zoo_aget_children(job.zh, path, 0, listed, path));
    }
}

static void listed(int code, const struct String_vector *names, const void *data)
{
    visit((char *)data, code, names);
    under_way--;
    if (under_way == 0 || job.in_flight - under_way >= batch_of(job.in_flight))
        ask();
    if (under_way == 0)
        flag_set(&finished);
}

static void start(int code, const struct Stat *stat, const void *data)
{
    (void)stat, (void)data;
    must("zoo_aexists", code);
    ask();
}

static void walk_one_by_one(void)
{
    while (held > 0) {
        struct String_vector names;
        char *path = waiting[--held];
        int code = zoo_get_children(job.zh, path, 0, &names);
        visit(path, code, &names);
        deallocate_String_vector(&names);
    }
}

void run_walk(long count)
{
    visited = 0;
    push(job.path, "");
    if (job.in_flight == 1) {
        walk_one_by_one();
    } else {
        must("zoo_aexists", zoo_aexists(job.zh, "/", 0, start, NULL));
        flag_wait(&finished);
    }
    if (visited != count)
        fail("another number of nodes", ZMARSHALLINGERROR);
}
