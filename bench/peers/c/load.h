/* The parts of the load program. */
#ifndef LOAD_H
#define LOAD_H

#include <pthread.h>
#include "common.h"

/* The arguments, and the session that everything runs on. */
struct job {
    zhandle_t *zh;
    const char *path;
    int size;      /* bytes of a value; of `children`, the number of them */
    long in_flight;
    char *value;   /* so many bytes */
};
extern struct job job;

/* One operation, by its number. */
struct operation {
    const char *name;
    void (*one)(long number); /* asked for and answered */
    void (*ask)(long number); /* asked for; the completion calls answered() */
    void (*prepare)(void);    /* may be NULL */
};

/* What was used from one moment to another. */
struct figures {
    long long began, ended;
    double user, system;
};
void figures_begin(struct figures *figures);
void figures_end(struct figures *figures);

/* A flag that one thread sets and another waits for, which clears it. */
struct flag {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int is_set;
};
#define FLAG { PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, 0 }
void flag_set(struct flag *flag);
void flag_wait(struct flag *flag);

const struct operation *find_operation(const char *name); /* NULL where there is none */

/* Replies that may be owed before as many requests are made: see load_window.c. */
long batch_of(long in_flight);

/* Do operations from number `first` on; took, where not NULL, has room for so many. */
void run_window(const struct operation *operation, long first, long count, long in_flight,
                long long *took);
void answered(const void *number);

void run_walk(long count);
void run_one_shot(long count, struct figures *figures);

#endif
