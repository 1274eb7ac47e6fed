// What both the load generator and the ceiling need of the Gearman protocol: growing buffers and packet heads.
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum packet {
    CAN_DO = 1, PRE_SLEEP = 4, NOOP = 6, SUBMIT_JOB = 7, JOB_CREATED = 8, GRAB_JOB = 9, NO_JOB = 10, JOB_ASSIGN = 11,
    WORK_COMPLETE = 13, ECHO_REQ = 16, ECHO_RES = 17, SUBMIT_JOB_BG = 18, ERROR_PACKET = 19,
};

enum { HEAD = 12 };

struct buffer {
    char *data;
    size_t start, end, capacity;
};

static inline void die(const char *what) {
    perror(what);
    exit(2);
}

// Room for n more bytes; what was consumed is moved away first.
static inline char *room(struct buffer *b, size_t n) {
    if (b->start == b->end) b->start = b->end = 0;
    if (b->capacity - b->end < n && b->start > 0) {
        memmove(b->data, b->data + b->start, b->end - b->start);
        b->end -= b->start;
        b->start = 0;
    }
    if (b->capacity - b->end < n) {
        size_t capacity = b->capacity ? b->capacity : 256;
        while (capacity - b->end < n) capacity *= 2;
        b->data = realloc(b->data, capacity);
        if (!b->data) die("realloc");
        b->capacity = capacity;
    }
    return b->data + b->end;
}

static inline size_t pending(const struct buffer *b) { return b->end - b->start; }

static inline void put(struct buffer *b, const void *bytes, size_t n) {
    memcpy(room(b, n), bytes, n);
    b->end += n;
}

static inline void put_head(struct buffer *b, bool response, uint32_t type, uint32_t length) {
    unsigned char head[HEAD] = {0, 'R', 'E', response ? 'S' : 'Q', 0, 0, 0, (unsigned char)type,
        (unsigned char)(length >> 24), (unsigned char)(length >> 16), (unsigned char)(length >> 8), (unsigned char)length};
    put(b, head, HEAD);
}

static inline uint32_t read_u32(const char *p) {
    const unsigned char *u = (const unsigned char *)p;
    return (uint32_t)u[0] << 24 | (uint32_t)u[1] << 16 | (uint32_t)u[2] << 8 | u[3];
}

struct packet_view {
    uint32_t type, length;
    const char *body;
};

// One whole packet from the front of the buffer, or false when more bytes are needed. The view lives until the next read.
static inline bool take_packet(struct buffer *b, struct packet_view *view) {
    if (pending(b) < HEAD) return false;
    const char *head = b->data + b->start;
    uint32_t length = read_u32(head + 8);
    if (pending(b) < HEAD + (size_t)length) return false;
    *view = (struct packet_view){read_u32(head + 4), length, head + HEAD};
    b->start += HEAD + length;
    return true;
}
