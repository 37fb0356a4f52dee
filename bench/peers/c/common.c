#include "common.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <zookeeper/zookeeper_version.h>

void fail(const char *what, int code)
{
    fprintf(stderr, "%s: %s\n", what, zerror(code));
    _Exit(1);
}

void must(const char *what, int code)
{
    if (code != ZOK)
        fail(what, code);
}

long long now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

void print_version(void)
{
    printf("libzookeeper_mt %s\n", ZOO_VERSION);
}
