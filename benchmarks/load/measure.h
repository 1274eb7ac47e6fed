// Clocks, a histogram of latencies, and what the kernel says about the server process.
#pragma once
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static inline uint64_t now_ns(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

// Log-linear: 32 steps per power of two of microseconds/8, about 3 percent wide.
enum { STEPS = 32, POWERS = 40 };

struct histogram {
    uint64_t counts[POWERS * STEPS], total;
};

static inline unsigned bucket_of(uint64_t ns) {
    uint64_t value = ns / 128;
    if (value < STEPS) return (unsigned)value;
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    unsigned index = (power - 4) * STEPS + (unsigned)((value >> (power - 5)) - STEPS);
    return index < POWERS * STEPS ? index : POWERS * STEPS - 1;
}

static inline void record(struct histogram *h, uint64_t ns) {
    h->counts[bucket_of(ns)]++;
    h->total++;
}

// The upper edge of the bucket, in microseconds.
static inline double percentile(const struct histogram *h, double share) {
    uint64_t wanted = (uint64_t)((double)h->total * share), seen = 0;
    for (unsigned i = 0; i < POWERS * STEPS; i++) {
        seen += h->counts[i];
        if (seen <= wanted) continue;
        uint64_t edge = i < STEPS ? i + 1 : (uint64_t)(STEPS + i % STEPS + 1) << (i / STEPS - 1);
        return (double)edge * 128 / 1000;
    }
    return 0;
}

struct usage {
    double cpu_us;
    double rss_kb;
};

// CPU of all threads, user and system, and resident memory. Zeros without a pid.
static inline struct usage usage_of(int pid) {
    struct usage usage = {0, 0};
    if (pid <= 0) return usage;
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    int fd = open(path, O_RDONLY);
    if (fd < 0) return usage;
    ssize_t n = read(fd, text, sizeof text - 1);
    close(fd);
    if (n <= 0) return usage;
    text[n] = 0;
    char *after_name = strrchr(text, ')');
    unsigned long user = 0, system = 0;
    long pages = 0;
    if (!after_name || sscanf(after_name + 2,
            "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu %*d %*d %*d %*d %*d %*d %*u %*u %ld",
            &user, &system, &pages) != 3) return usage;
    usage.cpu_us = (double)(user + system) * 1e6 / (double)sysconf(_SC_CLK_TCK);
    usage.rss_kb = (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
    return usage;
}
