// A neutral load generator for Gearman job servers: raw sockets, one epoll loop, TCP_NODELAY, no Gearman library.
//
// Closed loop: every client keeps --depth jobs outstanding; a worker answers WORK_COMPLETE and its next GRAB_JOB in one
// write. The latency of a foreground job comes from the timestamp in its payload, that of a background submit from its
// JOB_CREATED. One line of JSON on standard output tells what was measured.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <getopt.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include "measure.h"
#include "wire.h"

enum mode { MODE_RUN, MODE_SUBMIT, MODE_DRAIN, MODE_IDLE };

static struct {
    enum mode mode;
    const char *host, *function;
    int port, pid;
    unsigned clients, workers, depth, grabs, functions;
    size_t size;
    uint64_t jobs, warmup, first_unique;
    double seconds;
    uint64_t spin_us;
    bool unique, split;
} opt = {.host = "127.0.0.1", .function = "load", .clients = 1, .workers = 1, .depth = 1, .grabs = 1, .functions = 1,
         .size = 32, .jobs = 100000};

enum role { CLIENT, WORKER };

struct connection {
    int fd;
    enum role role;
    bool wants_out, slept;
    struct buffer in, out;
    uint64_t *sent_at; // ring: submit times of background jobs whose JOB_CREATED is awaited
    unsigned ring_head, ring_count;
};

static int epoll_fd;
static struct connection *connections;
static unsigned connection_count, sleepers;
static uint64_t submitted, done, started_ns, finished_ns, last_done_ns;
static bool measuring, finished;
static struct usage usage_before, usage_after;
static struct histogram latencies;
static char *payload;

static uint64_t wanted_total(void) { return opt.warmup + opt.jobs; }

static void begin_measuring(void) {
    measuring = true;
    memset(&latencies, 0, sizeof latencies);
    usage_before = usage_of(opt.pid);
    started_ns = now_ns();
}

static void finish(void) {
    if (finished) return;
    finished = true;
    finished_ns = now_ns();
    usage_after = usage_of(opt.pid);
}

static void one_done(uint64_t latency_ns) {
    done++;
    last_done_ns = now_ns();
    if (measuring) record(&latencies, latency_ns);
    else if (done >= opt.warmup) begin_measuring();
    if (done >= wanted_total()) finish();
}

static void flush_out(struct connection *c) {
    while (pending(&c->out) > 0) {
        ssize_t n = send(c->fd, c->out.data + c->out.start, pending(&c->out), MSG_NOSIGNAL);
        if (n < 0 && errno == EAGAIN) break;
        if (n < 0) die("send");
        c->out.start += (size_t)n;
    }
    bool wants_out = pending(&c->out) > 0;
    if (wants_out == c->wants_out) return;
    c->wants_out = wants_out;
    struct epoll_event event = {.events = EPOLLIN | (wants_out ? EPOLLOUT : 0u), .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, c->fd, &event) < 0) die("epoll_ctl");
}

static size_t function_name(uint64_t number, char *name) {
    if (opt.functions == 1) return (size_t)sprintf(name, "%s", opt.function);
    return (size_t)sprintf(name, "%s%u", opt.function, (unsigned)(number % opt.functions));
}

static void submit_one(struct connection *c) {
    char name[96], unique[32];
    size_t name_length = function_name(submitted, name);
    size_t unique_length = opt.unique ? (size_t)sprintf(unique, "u%llu", (unsigned long long)(opt.first_unique + submitted)) : 0;
    bool background = opt.mode == MODE_SUBMIT;
    uint64_t now = now_ns();
    put_head(&c->out, false, background ? SUBMIT_JOB_BG : SUBMIT_JOB, (uint32_t)(name_length + 1 + unique_length + 1 + opt.size));
    put(&c->out, name, name_length + 1);
    put(&c->out, unique, unique_length);
    put(&c->out, "", 1);
    if (opt.size >= sizeof now) memcpy(payload, &now, sizeof now);
    put(&c->out, payload, opt.size);
    submitted++;
    if (background) c->sent_at[(c->ring_head + c->ring_count++) % opt.depth] = now;
}

static void submit_next(struct connection *c) {
    if (submitted < wanted_total()) submit_one(c);
}

static void client_packet(struct connection *c, const struct packet_view *p) {
    if (p->type == JOB_CREATED) {
        if (opt.mode != MODE_SUBMIT) return;
        uint64_t sent = c->sent_at[c->ring_head];
        c->ring_head = (c->ring_head + 1) % opt.depth;
        c->ring_count--;
        one_done(now_ns() - sent);
        submit_next(c);
    } else if (p->type == WORK_COMPLETE) {
        const char *data = memchr(p->body, 0, p->length);
        uint64_t sent = 0;
        if (data && p->length - (size_t)(data + 1 - p->body) >= sizeof sent) memcpy(&sent, data + 1, sizeof sent);
        one_done(now_ns() - sent);
        submit_next(c);
    }
}

static void worker_packet(struct connection *c, const struct packet_view *p) {
    switch (p->type) {
    case NO_JOB:
        put_head(&c->out, false, PRE_SLEEP, 0);
        if (!c->slept) sleepers++;
        c->slept = true;
        break;
    case NOOP:
        for (unsigned i = 0; i < opt.grabs; i++) put_head(&c->out, false, GRAB_JOB, 0);
        break;
    case JOB_ASSIGN: {
        if (finished) break; // goes back into the queue when the connection ends
        size_t handle_length = strnlen(p->body, p->length);
        const char *function = p->body + handle_length + 1;
        size_t skip = handle_length + 1 + strnlen(function, p->length - handle_length - 1) + 1;
        const char *data = p->body + skip;
        put_head(&c->out, false, WORK_COMPLETE, (uint32_t)(handle_length + 1 + p->length - skip));
        put(&c->out, p->body, handle_length + 1);
        put(&c->out, data, p->length - skip);
        if (opt.mode == MODE_DRAIN) one_done(0);
        put_head(&c->out, false, GRAB_JOB, 0);
        break;
    }
    }
}

static void readable(struct connection *c) {
    char *space = room(&c->in, 65536);
    ssize_t n = recv(c->fd, space, 65536, 0);
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) {
        fprintf(stderr, "gearload: the server closed a connection: %s\n", n < 0 ? strerror(errno) : "end of stream");
        exit(4);
    }
    c->in.end += (size_t)n;
    struct packet_view p;
    while (take_packet(&c->in, &p)) {
        if (p.type == ERROR_PACKET) {
            fprintf(stderr, "gearload: the server answered an error: %.*s\n", (int)p.length, p.body);
            exit(4);
        }
        if (c->role == CLIENT) client_packet(c, &p);
        else worker_packet(c, &p);
    }
    flush_out(c);
}

static bool out_of_time(void) {
    uint64_t now = now_ns();
    if (opt.seconds > 0 && measuring && now - started_ns > (uint64_t)(opt.seconds * 1e9)) return true;
    if (now - last_done_ns < 60000000000u) return false;
    fprintf(stderr, "gearload: no progress for 60 s after %llu jobs\n", (unsigned long long)done);
    exit(3);
}

// With --spin the generator looks again for a while before it sleeps: at depth 1 on an idle machine the latency of waking
// the generator's own processor would be most of what is measured.
static int wait_for_events(struct epoll_event *events, int capacity) {
    if (opt.spin_us > 0) {
        uint64_t until = now_ns() + opt.spin_us * 1000;
        do {
            int n = epoll_wait(epoll_fd, events, capacity, 0);
            if (n != 0) return n;
        } while (now_ns() < until);
    }
    return epoll_wait(epoll_fd, events, capacity, 200);
}

// Serves events until the condition holds.
static void serve_until(bool (*over)(void)) {
    struct epoll_event events[512];
    last_done_ns = now_ns();
    while (!over()) {
        int n = wait_for_events(events, 512);
        if (n < 0 && errno != EINTR) die("epoll_wait");
        for (int i = 0; i < n; i++) {
            struct connection *c = events[i].data.ptr;
            if (events[i].events & EPOLLOUT) flush_out(c);
            if (events[i].events & ~(unsigned)EPOLLOUT) readable(c);
        }
    }
}

static bool run_over(void) {
    if (!finished && out_of_time()) finish();
    return finished;
}

static bool all_asleep(void) { out_of_time(); return sleepers >= opt.workers; }

static bool never(void) { return false; }

static struct connection *open_connection(enum role role) {
    int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    if (fd < 0) die("socket");
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)opt.port)};
    if (inet_pton(AF_INET, opt.host, &address.sin_addr) != 1) die("inet_pton");
    if (connect(fd, (struct sockaddr *)&address, sizeof address) < 0) die("connect");
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (fcntl(fd, F_SETFL, O_NONBLOCK) < 0) die("fcntl");
    struct connection *c = &connections[connection_count++];
    *c = (struct connection){.fd = fd, .role = role};
    if (role == CLIENT) c->sent_at = calloc(opt.depth, sizeof *c->sent_at);
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = c};
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) < 0) die("epoll_ctl");
    return c;
}

static void open_workers(void) {
    for (unsigned i = 0; i < opt.workers; i++) {
        struct connection *c = open_connection(WORKER);
        for (unsigned f = 0; f < opt.functions; f++) {
            char name[96];
            size_t length = function_name(f, name);
            put_head(&c->out, false, CAN_DO, (uint32_t)length);
            put(&c->out, name, length);
        }
        for (unsigned g = 0; g < opt.grabs; g++) put_head(&c->out, false, GRAB_JOB, 0);
        flush_out(c);
    }
}

static void open_clients(void) {
    unsigned first = connection_count;
    for (unsigned i = 0; i < opt.clients; i++) open_connection(CLIENT);
    if (opt.warmup == 0) begin_measuring();
    for (unsigned i = first; i < connection_count; i++) {
        for (unsigned d = 0; d < opt.depth; d++) submit_next(&connections[i]);
        flush_out(&connections[i]);
    }
}

// Workers in a process of their own; it says through the pipe when all of them sleep, and dies with its parent.
static pid_t fork_workers(void) {
    int ready[2];
    if (pipe(ready) < 0) die("pipe");
    pid_t child = fork();
    if (child < 0) die("fork");
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        epoll_fd = epoll_create1(0);
        open_workers();
        serve_until(all_asleep);
        if (write(ready[1], "r", 1) != 1) die("write");
        serve_until(never);
    }
    char byte;
    if (read(ready[0], &byte, 1) != 1) die("read");
    return child;
}

static void run(void) {
    pid_t child = 0;
    if (opt.mode == MODE_RUN && opt.split) child = fork_workers();
    epoll_fd = epoll_create1(0);
    if (opt.mode == MODE_DRAIN) {
        if (opt.warmup == 0) begin_measuring();
        open_workers();
    } else {
        if (opt.mode == MODE_RUN && !opt.split) {
            open_workers();
            serve_until(all_asleep);
        }
        open_clients();
    }
    serve_until(run_over);
    if (child > 0) {
        kill(child, SIGKILL);
        waitpid(child, NULL, 0);
    }
}

// Idle connections: each has made one round trip, so that the server has allocated what it keeps for it.
static void run_idle(void) {
    usage_before = usage_of(opt.pid);
    started_ns = now_ns();
    epoll_fd = epoll_create1(0);
    for (unsigned i = 0; i < opt.clients; i++) {
        struct connection *c = open_connection(CLIENT);
        put_head(&c->out, false, ECHO_REQ, 4);
        put(&c->out, "idle", 4);
        flush_out(c);
        char answer[HEAD + 4];
        struct timeval patience = {.tv_sec = 30};
        fcntl(c->fd, F_SETFL, 0);
        setsockopt(c->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        if (recv(c->fd, answer, sizeof answer, MSG_WAITALL) != (ssize_t)sizeof answer) die("echo");
        done++;
    }
    finish();
}

static void report(void) {
    double seconds = (double)(finished_ns - started_ns) / 1e9;
    uint64_t jobs = opt.mode == MODE_IDLE ? done : done > opt.warmup ? done - opt.warmup : 0;
    printf("{\"jobs\":%llu,\"seconds\":%.4f,\"rate\":%.1f,\"p50us\":%.1f,\"p99us\":%.1f,\"p999us\":%.1f,"
           "\"cpuUs\":%.0f,\"cpuUsPerJob\":%.3f,\"rssBeforeKb\":%.0f,\"rssAfterKb\":%.0f}\n",
        (unsigned long long)jobs, seconds, seconds > 0 ? (double)jobs / seconds : 0,
        percentile(&latencies, 0.5), percentile(&latencies, 0.99), percentile(&latencies, 0.999),
        usage_after.cpu_us - usage_before.cpu_us, jobs ? (usage_after.cpu_us - usage_before.cpu_us) / (double)jobs : 0,
        usage_before.rss_kb, usage_after.rss_kb);
}

static void usage_error(void) {
    fputs("usage: gearload run|submit|drain|idle --port N [--host A] [--clients N] [--workers N] [--depth N] [--grabs N]\n"
          "                [--size BYTES] [--jobs N] [--warmup N] [--seconds S] [--unique] [--first-unique N]\n"
          "                [--function NAME] [--functions N] [--split] [--spin US] [--pid SERVER]\n", stderr);
    exit(64);
}

static void parse(int argc, char **argv) {
    static const char *const modes[] = {"run", "submit", "drain", "idle"};
    static const struct option options[] = {
        {"port", 1, 0, 'p'}, {"host", 1, 0, 'h'}, {"clients", 1, 0, 'c'}, {"workers", 1, 0, 'w'}, {"depth", 1, 0, 'd'},
        {"grabs", 1, 0, 'g'}, {"size", 1, 0, 's'}, {"jobs", 1, 0, 'n'}, {"warmup", 1, 0, 'W'}, {"seconds", 1, 0, 't'},
        {"unique", 0, 0, 'u'}, {"first-unique", 1, 0, 'U'}, {"function", 1, 0, 'f'}, {"functions", 1, 0, 'F'},
        {"split", 0, 0, 'S'}, {"spin", 1, 0, 'i'}, {"pid", 1, 0, 'P'}, {0}};
    if (argc < 2) usage_error();
    int mode = -1;
    for (int i = 0; i < 4; i++) if (!strcmp(argv[1], modes[i])) mode = i;
    if (mode < 0) usage_error();
    opt.mode = (enum mode)mode;
    optind = 2;
    for (int o; (o = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        switch (o) {
        case 'p': opt.port = atoi(optarg); break;
        case 'h': opt.host = optarg; break;
        case 'c': opt.clients = (unsigned)atoi(optarg); break;
        case 'w': opt.workers = (unsigned)atoi(optarg); break;
        case 'd': opt.depth = (unsigned)atoi(optarg); break;
        case 'g': opt.grabs = (unsigned)atoi(optarg); break;
        case 's': opt.size = (size_t)atoll(optarg); break;
        case 'n': opt.jobs = (uint64_t)atoll(optarg); break;
        case 'W': opt.warmup = (uint64_t)atoll(optarg); break;
        case 't': opt.seconds = atof(optarg); break;
        case 'u': opt.unique = true; break;
        case 'U': opt.first_unique = (uint64_t)atoll(optarg); break;
        case 'f': opt.function = optarg; break;
        case 'F': opt.functions = (unsigned)atoi(optarg); break;
        case 'S': opt.split = true; break;
        case 'i': opt.spin_us = (uint64_t)atoll(optarg); break;
        case 'P': opt.pid = atoi(optarg); break;
        default: usage_error();
        }
    }
    if (opt.port <= 0 || opt.depth == 0 || opt.grabs == 0 || opt.functions == 0 || strlen(opt.function) > 64) usage_error();
}

int main(int argc, char **argv) {
    parse(argc, argv);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max;
    setrlimit(RLIMIT_NOFILE, &files);
    connections = calloc(opt.clients + opt.workers + 1, sizeof *connections);
    payload = calloc(1, opt.size + sizeof(uint64_t));
    memset(payload, 'x', opt.size);
    if (opt.mode == MODE_IDLE) run_idle();
    else run();
    report();
    return 0;
}
