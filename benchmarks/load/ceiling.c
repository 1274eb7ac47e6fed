// The ceiling: a featureless job server in one epoll loop. One function, one queue, no names, no priorities, no errors;
// it speaks just enough for gearload's `run`. Everything that epoll reports is received and handled first, then every
// touched connection is flushed once. What it reaches on a machine is what a job server there can hope for.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include "wire.h"

enum { MAX_FD = 65536, MAX_JOBS = 1 << 20 };

struct connection {
    bool open, sleeping, touched;
    struct buffer in, out;
};

struct job { // `client` and `data` until the worker answers; slots are reused in a ring
    int client;
    uint32_t size, capacity;
    char *data;
};

static struct connection connections[MAX_FD];
static struct job jobs[MAX_JOBS];
static uint64_t next_job, next_assigned;
static int touched[MAX_FD], sleepers[MAX_FD], touched_count, sleeper_count, epoll_fd;

static void touch(int fd) {
    if (connections[fd].touched) return;
    connections[fd].touched = true;
    touched[touched_count++] = fd;
}

static void respond(int fd, enum packet type, const void *a, size_t a_size, const void *b, size_t b_size) {
    struct buffer *out = &connections[fd].out;
    put_head(out, true, type, (uint32_t)(a_size + b_size));
    put(out, a, a_size);
    put(out, b, b_size);
    touch(fd);
}

static void wake_one(void) {
    while (sleeper_count > 0) {
        int fd = sleepers[--sleeper_count];
        if (!connections[fd].open || !connections[fd].sleeping) continue;
        connections[fd].sleeping = false;
        respond(fd, NOOP, "", 0, "", 0);
        return;
    }
}

static void submit(int fd, const struct packet_view *p) {
    size_t name = strnlen(p->body, p->length) + 1;
    size_t skip = name + strnlen(p->body + name, p->length - name) + 1;
    struct job *job = &jobs[next_job % MAX_JOBS];
    job->client = fd;
    job->size = p->length - (uint32_t)skip;
    if (job->capacity < job->size) {
        job->data = realloc(job->data, job->size);
        job->capacity = job->size;
    }
    memcpy(job->data, p->body + skip, job->size);
    char handle[32];
    int length = sprintf(handle, "H:c:%llu", (unsigned long long)next_job++);
    respond(fd, JOB_CREATED, handle, (size_t)length, "", 0);
    wake_one();
}

static void grab(int fd) {
    if (next_assigned == next_job) {
        respond(fd, NO_JOB, "", 0, "", 0);
        return;
    }
    struct job *job = &jobs[next_assigned % MAX_JOBS];
    char names[40];
    int length = sprintf(names, "H:c:%llu%cload", (unsigned long long)next_assigned++, 0) + 1;
    respond(fd, JOB_ASSIGN, names, (size_t)length, job->data, job->size);
}

static void complete(const struct packet_view *p) {
    unsigned long long number = strtoull(p->body + 4, NULL, 10);
    int client = jobs[number % MAX_JOBS].client;
    if (connections[client].open) respond(client, WORK_COMPLETE, p->body, p->length, "", 0);
}

static void handle(int fd, const struct packet_view *p) {
    switch (p->type) {
    case SUBMIT_JOB: submit(fd, p); break;
    case GRAB_JOB: connections[fd].sleeping = false; grab(fd); break;
    case WORK_COMPLETE: complete(p); break;
    case ECHO_REQ: respond(fd, ECHO_RES, p->body, p->length, "", 0); break;
    case PRE_SLEEP:
        connections[fd].sleeping = true;
        sleepers[sleeper_count++ % MAX_FD] = fd;
        if (next_assigned < next_job) wake_one();
        break;
    default: break;
    }
}

static void close_connection(int fd) {
    close(fd);
    connections[fd].open = connections[fd].sleeping = false;
}

static void receive(int fd) {
    struct connection *c = &connections[fd];
    ssize_t n = recv(fd, room(&c->in, 65536), 65536, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        close_connection(fd);
        return;
    }
    c->in.end += (size_t)n;
    if (c->in.data[c->in.start] != 0) { // a text command: whoever asks wants to know whether we are up
        c->in.start = c->in.end;
        put(&c->out, "OK ceiling\n", 11);
        touch(fd);
    }
    struct packet_view p;
    while (take_packet(&c->in, &p)) handle(fd, &p);
}

static void flush_touched(void) {
    for (int i = 0; i < touched_count; i++) {
        struct connection *c = &connections[touched[i]];
        c->touched = false;
        if (!c->open) continue;
        ssize_t n = send(touched[i], c->out.data + c->out.start, pending(&c->out), MSG_NOSIGNAL);
        if (n > 0) c->out.start += (size_t)n;
        struct epoll_event event = {.events = EPOLLIN | (pending(&c->out) > 0 ? EPOLLOUT : 0u), .data.fd = touched[i]};
        if (pending(&c->out) > 0) epoll_ctl(epoll_fd, EPOLL_CTL_MOD, touched[i], &event);
    }
    touched_count = 0;
}

static void accept_one(int listener) {
    int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK), one = 1;
    if (fd < 0) return;
    if (fd >= MAX_FD) {
        close(fd);
        return;
    }
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *c = &connections[fd];
    c->in.start = c->in.end = c->out.start = c->out.end = 0;
    c->open = true;
    struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

int main(int argc, char **argv) {
    int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)(argc > 1 ? atoi(argv[1]) : 0)),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    if (argc < 2 || bind(listener, (struct sockaddr *)&address, sizeof address) < 0 || listen(listener, 1024) < 0)
        die("ceiling PORT");
    epoll_fd = epoll_create1(0);
    struct epoll_event event = {.events = EPOLLIN, .data.fd = listener}, events[512];
    epoll_ctl(epoll_fd, EPOLL_CTL_ADD, listener, &event);
    for (;;) {
        int n = epoll_wait(epoll_fd, events, 512, -1);
        for (int i = 0; i < n; i++) {
            int fd = events[i].data.fd;
            if (fd == listener) accept_one(listener);
            else if (events[i].events & EPOLLOUT) touch(fd);
            if (fd != listener && events[i].events & ~(unsigned)EPOLLOUT && connections[fd].open) receive(fd);
        }
        flush_touched();
    }
}
