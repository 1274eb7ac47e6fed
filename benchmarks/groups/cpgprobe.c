/* A member of a corosync group for ./bench groups: does what it is told on standard input, answers on standard output.
 *
 *   members                  -> members N
 *   latency COUNT SIZE       -> latency P50_US P99_US          one message outstanding, until it is delivered to its sender
 *   flood MS SIZE            -> flood DELIVERED_PER_SECOND     as fast as corosync takes them; what is delivered here, of all senders
 *   count MS                 -> flood DELIVERED_PER_SECOND     the same, without sending
 *   watch MS INTERVAL_US     -> watch MAXGAP_MS LEAST_MEMBERS  a message every INTERVAL_US; the longest time without one of ours delivered
 */
#include <corosync/cpg.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

static cpg_handle_t handle;
static uint32_t own_node;
static uint32_t own_pid;
static int members;
static int least_members;
static uint64_t delivered;
static uint64_t own_delivered;
static uint64_t last_own_ns;
static uint64_t longest_gap_ns;
static char payload[1 << 20];

static uint64_t now_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000u + (uint64_t)time.tv_nsec;
}

static void on_deliver(cpg_handle_t h, const struct cpg_name *group, uint32_t node, uint32_t pid, void *message, size_t length)
{
    (void)h, (void)group, (void)message, (void)length;
    delivered++;
    if (node != own_node || pid != own_pid)
        return;
    own_delivered++;
    uint64_t now = now_ns();
    if (last_own_ns != 0 && now - last_own_ns > longest_gap_ns)
        longest_gap_ns = now - last_own_ns;
    last_own_ns = now;
}

static void on_change(cpg_handle_t h, const struct cpg_name *group, const struct cpg_address *list, size_t count,
    const struct cpg_address *left, size_t left_count, const struct cpg_address *joined, size_t joined_count)
{
    (void)h, (void)group, (void)list, (void)left, (void)left_count, (void)joined, (void)joined_count;
    members = (int)count;
    if (members < least_members)
        least_members = members;
}

static void dispatch(int timeout_ms)
{
    int descriptor;
    cpg_fd_get(handle, &descriptor);
    struct pollfd entry = {.fd = descriptor, .events = POLLIN};
    if (poll(&entry, 1, timeout_ms) > 0 && cpg_dispatch(handle, CS_DISPATCH_ALL) != CS_OK)
        exit(3);
}

static int try_send(size_t size)
{
    struct iovec vector = {.iov_base = payload, .iov_len = size};
    return cpg_mcast_joined(handle, CPG_TYPE_AGREED, &vector, 1) == CS_OK;
}

static int compare(const void *left, const void *right)
{
    uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;
    return a < b ? -1 : a > b;
}

static void measure_latency(int count, size_t size)
{
    uint64_t *times = calloc((size_t)count, sizeof *times);
    for (int i = -count / 10; i < count; i++) {
        uint64_t before = now_ns(), target = own_delivered + 1;
        while (!try_send(size))
            dispatch(1);
        while (own_delivered < target)
            dispatch(1000);
        if (i >= 0)
            times[i] = now_ns() - before;
    }
    qsort(times, (size_t)count, sizeof *times, compare);
    printf("latency %.1f %.1f\n", (double)times[count / 2] / 1000, (double)times[(size_t)count * 99 / 100] / 1000);
    free(times);
}

/* A quarter of a second at both ends is not counted: others begin and end a little earlier or later. */
static void measure_flood(int ms, size_t size, int sends)
{
    uint64_t begin = now_ns(), end = begin + (uint64_t)ms * 1000000u;
    uint64_t from = begin + 250000000u, to = end - 250000000u, at_from = 0, at_to = 0;
    for (;;) {
        uint64_t now = now_ns();
        if (now >= from && at_from == 0)
            at_from = delivered, from = now;
        if (now >= to && at_to == 0)
            at_to = delivered, to = now;
        if (now >= end)
            break;
        int sent = 0;
        while (sends && sent < 64 && try_send(size))
            sent++;
        dispatch(sent > 0 ? 0 : 1);
    }
    printf("flood %.0f\n", (double)(at_to - at_from) * 1e9 / (double)(to - from));
}

static void watch(int ms, int interval_us)
{
    uint64_t end = now_ns() + (uint64_t)ms * 1000000u, next = 0;
    least_members = members, last_own_ns = 0, longest_gap_ns = 0;
    while (now_ns() < end) {
        if (now_ns() >= next && try_send(64))
            next = now_ns() + (uint64_t)interval_us * 1000u;
        dispatch(1);
    }
    if (last_own_ns != 0 && now_ns() - last_own_ns > longest_gap_ns)
        longest_gap_ns = now_ns() - last_own_ns;
    printf("watch %.1f %d\n", (double)longest_gap_ns / 1e6, least_members);
}

static void answer(char *line)
{
    int first = 0, second = 0;
    if (sscanf(line, "latency %d %d", &first, &second) == 2)
        measure_latency(first, (size_t)second);
    else if (sscanf(line, "flood %d %d", &first, &second) == 2)
        measure_flood(first, (size_t)second, 1);
    else if (sscanf(line, "count %d", &first) == 1)
        measure_flood(first, 0, 0);
    else if (sscanf(line, "watch %d %d", &first, &second) == 2)
        watch(first, second);
    else
        printf("members %d\n", members);
    fflush(stdout);
}

int main(void)
{
    cpg_callbacks_t callbacks = {.cpg_deliver_fn = on_deliver, .cpg_confchg_fn = on_change};
    struct cpg_name group = {.length = 5, .value = "bench"};
    int descriptor, used = 0;
    char line[256];
    if (cpg_initialize(&handle, &callbacks) != CS_OK || cpg_join(handle, &group) != CS_OK)
        return 2;
    cpg_local_get(handle, &own_node);
    own_pid = (uint32_t)getpid();
    cpg_fd_get(handle, &descriptor);
    for (;;) {
        struct pollfd entries[] = {{.fd = 0, .events = POLLIN}, {.fd = descriptor, .events = POLLIN}};
        poll(entries, 2, -1);
        if (entries[1].revents != 0)
            dispatch(0);
        if (entries[0].revents == 0)
            continue;
        if (read(0, line + used, 1) != 1)
            return 0;
        if (line[used] == '\n' || used == (int)sizeof line - 2) {
            line[used] = 0;
            used = 0;
            answer(line);
        } else {
            used++;
        }
    }
}
