/* What the official C client, libzookeeper_mt, tells of its sessions, as it tells it.
 *
 *   probe SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS
 *   probe                                      (prints the client's version)
 *
 * Prints a line of JSON for each thing told: connected, suspended, expired; and for what it asks
 * of its own: ephemeral, answered.  A session that is over gets a new handle at once, as the
 * client's manual has it.  Ends when its standard input does.
 *
 * The client says nothing by itself of a session that it cannot know to be alive: it waits for
 * the server's word.
 */
#include "common.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

struct session {
    int index;
    zhandle_t *zh;
    int64_t asked; /* the session id that the ephemeral node was asked for in, last */
    int64_t made;  /* the one that it was made in */
    int is_again;  /* it was asked for before, and the answer was lost */
    char path[PATH_ROOM];
};

static const char *servers, *root;
static int timeout_ms;
static int graves[2];

static void tell(const struct session *session, long long when, const char *event, const char *more)
{
    printf("{\"t\": %lld, \"i\": %d, \"e\": \"%s\"%s}\n", when, session->index, event, more);
}

static void answered(int code, const struct Stat *stat, const void *data)
{
    (void)stat;
    if (code == ZOK)
        tell(data, now_ns(), "answered", "");
}

static void created(int code, const char *path, const void *data);

static void create(struct session *session)
{
    zoo_acreate(session->zh, session->path, "", 0, &ZOO_OPEN_ACL_UNSAFE, ZOO_EPHEMERAL, created,
                session);
}

static void removed(int code, const void *data)
{
    if (code == ZOK || code == ZNONODE)
        create((struct session *)data);
}

static void created(int code, const char *path, const void *data)
{
    (void)path;
    struct session *session = (struct session *)data;
    if (code == ZOK || (code == ZNODEEXISTS && session->is_again)) {
        session->made = session->asked;
        tell(session, now_ns(), "ephemeral", "");
    } else if (code == ZNODEEXISTS) { /* it is the session's before, which the server still has */
        zoo_adelete(session->zh, session->path, -1, removed, session);
    } /* else the connection is lost: asked for again when there is another */
}

static void on_connected(struct session *session, long long when)
{
    char more[128] = "", to[INET6_ADDRSTRLEN] = "";
    struct sockaddr_in peer;
    socklen_t length = sizeof peer;
    int64_t id = zoo_client_id(session->zh)->client_id;
    unsigned port = 0;

    if (zookeeper_get_connected_host(session->zh, (struct sockaddr *)&peer, &length) != NULL
        && inet_ntop(AF_INET, &peer.sin_addr, to, sizeof to) != NULL)
        port = ntohs(peer.sin_port);
    snprintf(more, sizeof more, port ? ", \"id\": \"0x%llx\", \"to\": \"%s:%u\"" :
             ", \"id\": \"0x%llx\", \"to\": \"\"", (unsigned long long)id, to, port);
    tell(session, when, "connected", more);
    zoo_aexists(session->zh, root, 0, answered, session);
    if (session->made != id) {
        session->is_again = session->asked == id;
        session->asked = id;
        create(session);
    }
}

static void open_session(struct session *session);

/* Called on the handle's own completion thread; so are the completions above. */
static void watcher(zhandle_t *zh, int type, int state, const char *path, void *context)
{
    long long when = now_ns();
    struct session *session = context;
    (void)path;
    if (type != ZOO_SESSION_EVENT)
        return;
    if (state == ZOO_CONNECTED_STATE) {
        session->zh = zh; /* it may be told before zookeeper_init has returned */
        on_connected(session, when);
    } else if (state == ZOO_CONNECTING_STATE) {
        tell(session, when, "suspended", ", \"raw\": \"ZOO_CONNECTING_STATE\"");
    } else if (state == ZOO_EXPIRED_SESSION_STATE) {
        tell(session, when, "expired", ", \"raw\": \"ZOO_EXPIRED_SESSION_STATE\"");
        open_session(session);
        /* Closing joins the handle's threads, of which this is one. */
        if (write(graves[1], &zh, sizeof zh) != sizeof zh)
            fail("a handle to close", ZSYSTEMERROR);
    }
}

static void open_session(struct session *session)
{
    if (zookeeper_init(servers, watcher, timeout_ms, NULL, session, 0) == NULL)
        fail("zookeeper_init", ZSYSTEMERROR);
}

static void *close_handles(void *nothing)
{
    zhandle_t *zh;
    while (read(graves[0], &zh, sizeof zh) == sizeof zh)
        zookeeper_close(zh);
    return nothing;
}

/* Wait so long, and exit where the standard input ends. */
static void pause_until(long long when)
{
    struct pollfd input = {STDIN_FILENO, POLLIN, 0};
    char ignored[256];
    for (;;) {
        long long left = (when - now_ns()) / 1000000;
        int ready = poll(&input, 1, when < 0 ? -1 : left > 0 ? (int)left : 0);
        if (ready > 0 && read(STDIN_FILENO, ignored, sizeof ignored) == 0)
            _exit(0);
        if (ready == 0)
            return;
    }
}

int main(int count, char **arguments)
{
    struct rlimit files;
    pthread_t closer;

    if (count == 1) {
        print_version();
        return 0;
    }
    if (count != 6) {
        fprintf(stderr, "probe: SERVERS TIMEOUT_MS PATH SESSIONS SPREAD_MS\n");
        return 2;
    }
    servers = arguments[1];
    timeout_ms = atoi(arguments[2]);
    root = arguments[3];
    int wanted = atoi(arguments[4]);
    long long spread = atoll(arguments[5]) * 1000000, began = now_ns();

    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* a line is written as soon as it is whole */
    zoo_set_debug_level((ZooLogLevel)0);   /* servers that are away are no news here */
    struct session *sessions = calloc(wanted, sizeof *sessions);
    if (sessions == NULL || pipe(graves) != 0
        || pthread_create(&closer, NULL, close_handles, NULL) != 0)
        fail("probe", ZSYSTEMERROR);
    for (int i = 0; i < wanted; i++) {
        sessions[i].index = i;
        snprintf(sessions[i].path, PATH_ROOM, "%s/e%05d", root, i);
        pause_until(began + spread * i / wanted);
        open_session(&sessions[i]);
    }
    pause_until(-1);
}
