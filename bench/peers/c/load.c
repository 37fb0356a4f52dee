/* Operations through the official C client, libzookeeper_mt: the same work as every other
 * client's load program.
 *
 *   load [--no-look-ups] SERVERS OPERATION PATH SIZE IN_FLIGHT WARM_UP COUNT
 *   load                                                      (prints the client's version)
 *
 * As it comes, the client resolves the servers' names each time round the loop of its I/O
 * thread; with --no-look-ups it does at connection only (zoo_set_servers_resolution_delay).
 *
 * Prints a line of JSON: seconds, user and system CPU seconds of this process between the end
 * of the warm-up and the last reply, and the nanoseconds that each operation took, where no more
 * than 16 were in flight.
 */
#include "load.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

enum { TIMEOUT_MS = 10000, WALK_TIMEOUT_MS = 30000, WIDEST_TIMED = 16 };

struct job job;
static struct flag connected = FLAG;
static volatile int is_closing;

static double seconds(struct timeval time)
{
    return time.tv_sec + time.tv_usec / 1e6;
}

void figures_begin(struct figures *figures)
{
    struct rusage used;
    getrusage(RUSAGE_SELF, &used);
    figures->user = seconds(used.ru_utime);
    figures->system = seconds(used.ru_stime);
    figures->began = now_ns();
}

void figures_end(struct figures *figures)
{
    struct rusage used;
    figures->ended = now_ns();
    getrusage(RUSAGE_SELF, &used);
    figures->user = seconds(used.ru_utime) - figures->user;
    figures->system = seconds(used.ru_stime) - figures->system;
}

void flag_set(struct flag *flag)
{
    pthread_mutex_lock(&flag->lock);
    flag->is_set = 1;
    pthread_cond_signal(&flag->changed);
    pthread_mutex_unlock(&flag->lock);
}

void flag_wait(struct flag *flag)
{
    pthread_mutex_lock(&flag->lock);
    while (!flag->is_set)
        pthread_cond_wait(&flag->changed, &flag->lock);
    flag->is_set = 0;
    pthread_mutex_unlock(&flag->lock);
}

static void watcher(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    (void)zh, (void)path, (void)context;
    if (type != ZOO_SESSION_EVENT || is_closing)
        return;
    if (state == ZOO_CONNECTED_STATE)
        flag_set(&connected);
    else /* what is measured here is a connection that lasts */
        fail("the connection was lost", ZCONNECTIONLOSS);
}

static void print_figures(const struct figures *figures, const char *more)
{
    printf("{\"seconds\": %.9f, \"user\": %.6f, \"system\": %.6f, %s\"took\": [",
           (figures->ended - figures->began) / 1e9, figures->user, figures->system, more);
}

int main(int arguments_given, char **arguments)
{
    struct figures figures;
    char events[64] = "";

    if (arguments_given == 1) {
        print_version();
        return 0;
    }
    int no_look_ups = strcmp(arguments[1], "--no-look-ups") == 0;
    char **given = arguments + 1 + no_look_ups;
    if (arguments_given != 8 + no_look_ups) {
        fprintf(stderr, "load: SERVERS OPERATION PATH SIZE IN_FLIGHT WARM_UP COUNT\n");
        return 2;
    }
    const char *name = given[1];
    job.path = given[2];
    job.size = atoi(given[3]);
    job.in_flight = atol(given[4]);
    long warm_up = atol(given[5]), count = atol(given[6]);
    const struct operation *operation = find_operation(name);
    int is_walk = strcmp(name, "walk") == 0, is_one_shot = strcmp(name, "one-shot") == 0;
    if (strcmp(name, "persistent") == 0) {
        printf("{\"not measured\": \"the C client has no persistent watches: zookeeper.h "
               "declares no call for addWatch\"}\n");
        return 0;
    }
    if (operation == NULL && !is_walk && !is_one_shot)
        fail(name, ZUNIMPLEMENTED);

    long long *took = operation && job.in_flight <= WIDEST_TIMED ? calloc(count, sizeof *took) : NULL;
    job.value = malloc(job.size + 1);
    memset(job.value, 'x', job.size);
    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    job.zh = zookeeper_init(given[0], watcher, is_walk ? WALK_TIMEOUT_MS : TIMEOUT_MS, NULL, NULL, 0);
    if (job.zh == NULL)
        fail("zookeeper_init", ZSYSTEMERROR);
    flag_wait(&connected);
    if (no_look_ups)
        must("resolution delay", zoo_set_servers_resolution_delay(job.zh, -1));

    if (is_one_shot) {
        run_one_shot(count, &figures);
        snprintf(events, sizeof events, "\"events\": %ld, ", count);
    } else if (is_walk) {
        for (long nodes = 0; nodes < warm_up; nodes += count) /* whole walks */
            run_walk(count);
        figures_begin(&figures);
        run_walk(count);
        figures_end(&figures);
    } else {
        if (operation->prepare != NULL)
            operation->prepare();
        run_window(operation, 0, warm_up, job.in_flight, NULL);
        figures_begin(&figures);
        run_window(operation, warm_up, count, job.in_flight, took);
        figures_end(&figures);
    }

    print_figures(&figures, events);
    for (long i = 0; took != NULL && i < count; i++)
        printf("%s%lld", i ? ", " : "", took[i]);
    printf("]}\n");
    is_closing = 1;
    zookeeper_close(job.zh);
    return 0;
}
