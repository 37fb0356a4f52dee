/* Gets through the official C client, libzookeeper_mt: the same work as every other contender's.
 *
 *   get SERVER PATH SIZE DELAY pipelined WARM_UP GETS IN_FLIGHT
 *   get SERVER PATH SIZE DELAY sequential WARM_UP GETS
 *   get                                                      (prints the client's version)
 *
 * DELAY is the argument of zoo_set_servers_resolution_delay: 0 is the default, which resolves
 * the servers' names each time round the I/O thread's loop, -1 resolves them at connection only.
 *
 * Prints JSON: seconds, user and system CPU seconds of this process between the end of the
 * warm-up and the last reply, and for sequential gets the nanoseconds that each took.
 */
#define _GNU_SOURCE
#define THREADED
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <zookeeper/zookeeper.h>
#include <zookeeper/zookeeper_version.h>

/* Asked for in batches of so many, made in one callback: one in each callback, or all from
 * another thread, was no cheaper on a busy machine. */
enum { SESSION_TIMEOUT_MS = 10000, BUFFER = 1024, BATCH = 64 };

static const char *path;
static int size;
static zhandle_t *zh;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int connected;
static int finished;

/* Only the completion thread touches these while a run is on. */
static long left_to_ask;
static long left_to_come;
static long owed;

static void fail(const char *what, int code)
{
    fprintf(stderr, "get: %s: %s\n", what, zerror(code));
    exit(1);
}

static void signal_that(int *flag)
{
    pthread_mutex_lock(&lock);
    *flag = 1;
    pthread_cond_signal(&changed);
    pthread_mutex_unlock(&lock);
}

static void wait_for(int *flag)
{
    pthread_mutex_lock(&lock);
    while (!*flag)
        pthread_cond_wait(&changed, &lock);
    *flag = 0;
    pthread_mutex_unlock(&lock);
}

static void watcher(zhandle_t *handle, int type, int state, const char *where, void *context)
{
    (void)handle, (void)where, (void)context;
    if (type == ZOO_SESSION_EVENT && state == ZOO_CONNECTED_STATE)
        signal_that(&connected);
}

static void got(int code, const char *value, int length, const struct Stat *stat, const void *data);

static void ask(long requests)
{
    if (requests > left_to_ask)
        requests = left_to_ask;
    left_to_ask -= requests;
    while (requests-- > 0) {
        int code = zoo_aget(zh, path, 0, got, NULL);
        if (code != ZOK)
            fail("zoo_aget", code);
    }
}

static void got(int code, const char *value, int length, const struct Stat *stat, const void *data)
{
    (void)value, (void)data;
    if (code != ZOK)
        fail("zoo_aget", code);
    if (length != size || stat->dataLength != size)
        fail("a value of another size", ZMARSHALLINGERROR);
    if (++owed == BATCH) {
        ask(owed);
        owed = 0;
    }
    if (--left_to_come == 0)
        signal_that(&finished);
}

static void start(int code, const char *value, int length, const struct Stat *stat, const void *data)
{
    (void)value, (void)length, (void)stat;
    if (code != ZOK)
        fail("zoo_aget", code);
    ask(*(const long *)data);
}

/* The first requests too are made on the completion thread, so the counters need no lock. */
static void get_pipelined(long gets, long in_flight)
{
    left_to_ask = left_to_come = gets;
    owed = 0;
    int code = zoo_aget(zh, path, 0, start, &in_flight);
    if (code != ZOK)
        fail("zoo_aget", code);
    wait_for(&finished);
}

static long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void get_one_by_one(long gets, long long *took)
{
    char buffer[BUFFER];
    struct Stat stat;
    for (long i = 0; i < gets; i++) {
        int length = sizeof buffer;
        long long asked = now_ns();
        int code = zoo_get(zh, path, 0, buffer, &length, &stat);
        took[i] = now_ns() - asked;
        if (code != ZOK)
            fail("zoo_get", code);
        if (length != size || stat.dataLength != size)
            fail("a value of another size", ZMARSHALLINGERROR);
    }
}

static double seconds(struct timeval time)
{
    return time.tv_sec + time.tv_usec / 1e6;
}

int main(int count, char **arguments)
{
    if (count < 8) {
        printf("libzookeeper_mt %s\n", ZOO_VERSION);
        return 0;
    }
    path = arguments[2];
    size = atoi(arguments[3]);
    int is_pipelined = strcmp(arguments[5], "pipelined") == 0;
    long warm_up = atol(arguments[6]), gets = atol(arguments[7]);
    long in_flight = count > 8 ? atol(arguments[8]) : 1;
    long long *took = calloc(warm_up > gets ? warm_up : gets, sizeof *took);
    struct rusage before, after;

    zoo_set_debug_level(ZOO_LOG_LEVEL_ERROR);
    zh = zookeeper_init(arguments[1], watcher, SESSION_TIMEOUT_MS, NULL, NULL, 0);
    if (zh == NULL || took == NULL)
        fail("zookeeper_init", ZSYSTEMERROR);
    wait_for(&connected);
    zoo_set_servers_resolution_delay(zh, atoi(arguments[4]));

    if (is_pipelined)
        get_pipelined(warm_up, in_flight);
    else
        get_one_by_one(warm_up, took);
    getrusage(RUSAGE_SELF, &before);
    long long began = now_ns();
    if (is_pipelined)
        get_pipelined(gets, in_flight);
    else
        get_one_by_one(gets, took);
    long long ended = now_ns();
    getrusage(RUSAGE_SELF, &after);

    printf("{\"seconds\": %.9f, \"user\": %.6f, \"system\": %.6f, \"took\": [",
           (ended - began) / 1e9,
           seconds(after.ru_utime) - seconds(before.ru_utime),
           seconds(after.ru_stime) - seconds(before.ru_stime));
    for (long i = 0; !is_pipelined && i < gets; i++)
        printf("%s%lld", i ? ", " : "", took[i]);
    printf("]}\n");
    zookeeper_close(zh);
    return 0;
}
