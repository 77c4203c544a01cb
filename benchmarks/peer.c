/* Both services on the wire, as cheaply as they can be had: 1fichier takes bodies and forgets them, Telegram's file
 * host hands out bytes that mean nothing. A process of its own with a thread per connection, so that it is not what is
 * measured.
 *
 *   peer --cert FILE --key FILE [--telegram PORT] [--file-bytes N] [--rate BYTES] [--checksum SIZE=HEX]...
 *
 * Prints the TLS port and the plain port, then a line per event: nanoseconds of the monotonic clock, what, upload id,
 * bytes of the body. On the plain port CONNECT leads into TLS. A connection whose first request is a method of the
 * Bot API is handed through to the port given by --telegram. Ends when its standard input does.
 */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

enum { BUFFER = 1 << 18, READ_AHEAD = 1 << 16, HEAD = 1 << 14, CHECKSUMS = 16, UPLOADS = 1 << 16, NAME = 1024, BACKLOG = 1024 };

struct connection {
    int socket;
    bool is_secure; /* TLS from its first byte */
    SSL *tls;
    char *buffer; /* BUFFER bytes; what was read beyond a head stands in [begin, end) */
    size_t begin, end;
};

struct upload {
    char name[NAME];
    long long size;
};

struct checksum {
    long long size;
    char hex[129];
};

static SSL_CTX *context;
static int tls_port, plain_port, telegram_port;
static long long file_bytes = 20LL << 20, rate;
static struct checksum checksums[CHECKSUMS];
static int checksum_count;
static struct upload uploads[UPLOADS];
static atomic_uint next_upload;
static char pattern[BUFFER];

static long long now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void report(const char *what, unsigned id, long long bytes) {
    /* One call, so that lines of several threads do not mix. */
    printf("%lld %s %u %lld\n", now(), what, id, bytes);
    fflush(stdout);
}

static void keep_pace(long long begun, long long bytes) {
    if (!rate) return;
    long long left = begun + (long long)((double)bytes / (double)rate * 1e9) - now();
    if (left <= 0) return;
    struct timespec pause = {left / 1000000000, left % 1000000000};
    nanosleep(&pause, NULL);
}

static ssize_t receive(struct connection *c, char *into, size_t most) {
    return c->tls ? SSL_read(c->tls, into, (int)most) : recv(c->socket, into, most, 0);
}

static bool deliver(struct connection *c, const char *bytes, size_t count) {
    while (count) {
        ssize_t done = c->tls ? SSL_write(c->tls, bytes, (int)count) : send(c->socket, bytes, count, MSG_NOSIGNAL);
        if (done <= 0) return false;
        bytes += done;
        count -= (size_t)done;
    }
    return true;
}

static bool answer(struct connection *c, const char *status, const char *type, const char *body) {
    char text[HEAD];
    int length = snprintf(text, sizeof text, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n\r\n%s", status, type,
                          strlen(body), body);
    return length < (int)sizeof text && deliver(c, text, (size_t)length);
}

static bool answer_json(struct connection *c, const char *body) {
    return answer(c, "200 OK", "application/json; charset=utf-8", body);
}

/* Read until the empty line; the head becomes a string of its own. False at the end of the connection. */
static bool read_head(struct connection *c, char *head) {
    for (;;) {
        char *from = c->buffer + c->begin;
        size_t count = c->end - c->begin;
        char *end = memmem(from, count, "\r\n\r\n", 4);
        if (end) {
            size_t length = (size_t)(end - from) + 2;
            if (length >= HEAD) return false;
            memcpy(head, from, length);
            head[length] = 0;
            c->begin += length + 2;
            return true;
        }
        if (count >= HEAD) return false;
        memmove(c->buffer, from, count);
        c->begin = 0;
        c->end = count;
        ssize_t got = receive(c, c->buffer + count, BUFFER - count);
        if (got <= 0) return false;
        c->end += (size_t)got;
    }
}

/* The value of a header, up to the end of its line; NULL without it. */
static const char *header(const char *head, const char *name) {
    size_t length = strlen(name);
    for (const char *line = strstr(head, "\r\n"); line && line[2]; line = strstr(line + 2, "\r\n")) {
        if (strncasecmp(line + 2, name, length) == 0 && line[2 + length] == ':') {
            const char *value = line + 3 + length;
            return value + strspn(value, " ");
        }
    }
    return NULL;
}

static long long body_length(const char *head) {
    const char *value = header(head, "Content-Length");
    return value ? atoll(value) : 0;
}

/* Name and size of the file in a multipart body whose beginning is given. */
static void note_file(struct upload *upload, const char *head, const char *body, size_t count, long long length) {
    const char *boundary = header(head, "Content-Type");
    boundary = boundary ? strstr(boundary, "boundary=") : NULL;
    const char *name = memmem(body, count, "filename=\"", 10);
    const char *begin = name ? memmem(name, count - (size_t)(name - body), "\r\n\r\n", 4) : NULL;
    if (!boundary || !begin) return;
    size_t dashes = strcspn(boundary + 9, "\r\n;") + 8; /* "\r\n--" boundary "--\r\n" */
    size_t letters = strcspn(name + 10, "\"");
    if (letters >= NAME) return;
    memcpy(upload->name, name + 10, letters);
    upload->name[letters] = 0;
    upload->size = length - (begin + 4 - body) - (long long)dashes;
}

/* Take a body in and forget it. False when the connection ends before it does. */
static bool take_body(struct connection *c, const char *head, unsigned id, bool is_upload) {
    long long length = body_length(head), taken = 0, begun = now();
    char beginning[HEAD];
    size_t kept = 0;
    struct upload *upload = &uploads[id % UPLOADS];
    while (taken < length) {
        if (c->begin == c->end) {
            ssize_t got = receive(c, c->buffer, length - taken < BUFFER ? (size_t)(length - taken) : BUFFER);
            if (got <= 0) return false;
            c->begin = 0;
            c->end = (size_t)got;
        }
        long long count = (long long)(c->end - c->begin);
        if (count > length - taken) count = length - taken;
        if (is_upload && !taken) report("first", id, length);
        if (is_upload && kept < HEAD && !upload->size) {
            size_t more = (size_t)count < HEAD - kept ? (size_t)count : HEAD - kept;
            memcpy(beginning + kept, c->buffer + c->begin, more);
            kept += more;
            note_file(upload, head, beginning, kept, length);
        }
        c->begin += (size_t)count;
        taken += count;
        if (is_upload) keep_pace(begun, taken);
    }
    return true;
}

static const char *checksum_of(long long size) {
    for (int i = 0; i < checksum_count; i++)
        if (checksums[i].size == size) return checksums[i].hex;
    return "";
}

static bool answer_report(struct connection *c, const char *head, unsigned id) {
    /* Browsers, and clients that follow the redirect, get a page. */
    if (!header(head, "Json")) return answer(c, "200 OK", "text/html; charset=utf-8", "<html></html>");
    char body[HEAD];
    struct upload *upload = &uploads[id % UPLOADS];
    snprintf(body, sizeof body,
             "{\"incoming\":0,\"links\":[{\"download\":\"https://1fichier.com/?bench%015u\",\"filename\":\"%s\","
             "\"remove\":\"\",\"size\":\"%lld\",\"whirlpool\":\"%s\"}]}",
             id, upload->name, upload->size, checksum_of(upload->size));
    return answer_json(c, body);
}

static bool answer_node(struct connection *c) {
    char body[256];
    unsigned id = atomic_fetch_add(&next_upload, 1);
    memset(&uploads[id % UPLOADS], 0, sizeof(struct upload));
    report("node", id, 0);
    snprintf(body, sizeof body, "{\"url\":\"127.0.0.1:%d\",\"id\":\"b%08u\"}", c->tls ? tls_port : plain_port, id);
    return answer_json(c, body);
}

static bool take_upload(struct connection *c, const char *head, unsigned id) {
    char text[256];
    if (!take_body(c, head, id, true)) {
        report("cut", id, 0);
        return false;
    }
    report("whole", id, body_length(head));
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 302 Found\r\nLocation: /end.pl?xid=b%08u\r\nContent-Length: 0\r\n\r\n", id);
    return deliver(c, text, (size_t)length);
}

static bool hand_out_file(struct connection *c) {
    char text[256];
    int length = snprintf(text, sizeof text,
                          "HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %lld\r\n\r\n",
                          file_bytes);
    report("file", 0, file_bytes);
    if (!deliver(c, text, (size_t)length)) return false;
    long long begun = now();
    for (long long sent = 0; sent < file_bytes;) {
        long long count = file_bytes - sent < BUFFER ? file_bytes - sent : BUFFER;
        if (!deliver(c, pattern, (size_t)count)) return false;
        sent += count;
        keep_pace(begun, sent);
    }
    return true;
}

/* Everything from here on is for the emulated Bot API; `head` was taken out of the stream already. */
static void hand_through(struct connection *c, const char *head) {
    int other = socket(AF_INET, SOCK_STREAM, 0), one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)telegram_port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    struct connection far = {.socket = other};
    if (connect(other, (struct sockaddr *)&address, sizeof address) == 0) {
        setsockopt(other, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        bool open = deliver(&far, head, strlen(head)) && deliver(&far, "\r\n", 2) &&
                    deliver(&far, c->buffer + c->begin, c->end - c->begin);
        struct pollfd both[2] = {{.fd = c->socket, .events = POLLIN}, {.fd = other, .events = POLLIN}};
        while (open) {
            /* What was read ahead is not to be seen on the socket. */
            bool ahead = c->tls && SSL_has_pending(c->tls);
            if (poll(both, 2, ahead ? 0 : -1) < 0) break;
            for (int side = 0; open && side < 2; side++) {
                struct connection *from = side ? &far : c, *to = side ? c : &far;
                if (!both[side].revents && !(from == c && ahead)) continue;
                ssize_t got = receive(from, c->buffer, BUFFER);
                open = got > 0 && deliver(to, c->buffer, (size_t)got);
            }
        }
    }
    close(other);
}

static bool begin_tls(struct connection *c) {
    c->tls = SSL_new(context);
    return c->tls && SSL_set_fd(c->tls, c->socket) && SSL_accept(c->tls) == 1;
}

/* The number in an upload id, `b00000012`, wherever it stands in the request line. */
static unsigned upload_id(const char *head) {
    const char *id = strstr(head, "id=b");
    return id ? (unsigned)strtoul(id + 4, NULL, 10) : atomic_fetch_add(&next_upload, 1);
}

/* One request; false when the connection is over. */
static bool serve_request(struct connection *c) {
    char head[HEAD];
    if (!read_head(c, head)) return false;
    const char *path = strchr(head, ' ');
    if (!path++) return false;
    if (strncmp(head, "CONNECT ", 8) == 0) {
        const char *established = "HTTP/1.1 200 Connection established\r\n\r\n";
        return deliver(c, established, strlen(established)) && begin_tls(c);
    }
    if (strncmp(path, "/bot", 4) == 0) return hand_through(c, head), false;
    if (strncmp(path, "/file/", 6) == 0) return hand_out_file(c);
    if (strncmp(path, "/upload.cgi", 11) == 0) return take_upload(c, head, upload_id(path));
    if (!take_body(c, head, 0, false)) return false;
    if (strncmp(path, "/end.pl", 7) == 0) return answer_report(c, head, upload_id(path));
    if (strstr(path, "/get_upload_server.cgi ")) return answer_node(c);
    if (strstr(path, "/file/ls.cgi ")) return answer_json(c, "{\"status\":\"OK\",\"count\":0,\"items\":[]}");
    if (strstr(path, "/folder/ls.cgi "))
        return answer_json(c, "{\"status\":\"OK\",\"folder_id\":0,\"name\":\"Root\",\"size\":null,\"files\":0,\"sub_folders\":[]}");
    return answer(c, "404 Not Found", "text/plain", "");
}

static void *serve_connection(void *given) {
    struct connection *c = given;
    int one = 1;
    setsockopt(c->socket, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    c->buffer = malloc(BUFFER);
    if (c->buffer && (!c->is_secure || begin_tls(c)))
        while (serve_request(c)) continue;
    if (c->tls) {
        SSL_shutdown(c->tls);
        SSL_free(c->tls);
    }
    close(c->socket);
    free(c->buffer);
    free(c);
    return NULL;
}

static void accept_all(int listener, bool is_secure) {
    for (;;) {
        int socket = accept(listener, NULL, NULL);
        struct connection *c = calloc(1, sizeof *c);
        pthread_t thread;
        if (socket < 0 || !c) exit(1);
        c->socket = socket;
        c->is_secure = is_secure;
        if (pthread_create(&thread, NULL, serve_connection, c) != 0) exit(1);
        pthread_detach(thread);
    }
}

static int listen_on_loopback(int *port) {
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t length = sizeof address;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(listener, (struct sockaddr *)&address, length) || listen(listener, BACKLOG) ||
        getsockname(listener, (struct sockaddr *)&address, &length)) {
        perror("listen");
        exit(1);
    }
    *port = ntohs(address.sin_port);
    return listener;
}

static void *accept_plain(void *listener) {
    accept_all(*(int *)listener, false);
    return NULL;
}

static void *accept_secure(void *listener) {
    accept_all(*(int *)listener, true);
    return NULL;
}

static void fail(const char *why) {
    fprintf(stderr, "peer: %s\n", why);
    exit(2);
}

static void read_arguments(int count, char **words) {
    const char *certificate = NULL, *key = NULL;
    for (int i = 1; i + 1 < count; i += 2) {
        const char *name = words[i], *value = words[i + 1];
        if (!strcmp(name, "--cert")) certificate = value;
        else if (!strcmp(name, "--key")) key = value;
        else if (!strcmp(name, "--telegram")) telegram_port = atoi(value);
        else if (!strcmp(name, "--file-bytes")) file_bytes = atoll(value);
        else if (!strcmp(name, "--rate")) rate = atoll(value);
        else if (!strcmp(name, "--checksum") && checksum_count < CHECKSUMS) {
            struct checksum *next = &checksums[checksum_count++];
            if (sscanf(value, "%lld=%128s", &next->size, next->hex) != 2) fail("a checksum is SIZE=HEX");
        } else fail("an argument is unknown");
    }
    context = SSL_CTX_new(TLS_server_method());
    if (!context || !certificate || !key || SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
        SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1)
        fail("certificate and key cannot be used");
    /* Several records in one call of the system: whoever sends is what is measured. Not many, as after each OpenSSL moves all that is left. */
    SSL_CTX_set_read_ahead(context, 1);
    SSL_CTX_set_default_read_buffer_len(context, READ_AHEAD);
}

int main(int count, char **words) {
    signal(SIGPIPE, SIG_IGN);
    read_arguments(count, words);
    for (size_t i = 0; i < sizeof pattern; i++) pattern[i] = (char)(i * 2654435761u >> 13);
    int secure = listen_on_loopback(&tls_port), plain = listen_on_loopback(&plain_port);
    printf("%d %d\n", tls_port, plain_port);
    fflush(stdout);
    pthread_t threads[2];
    if (pthread_create(&threads[0], NULL, accept_secure, &secure) || pthread_create(&threads[1], NULL, accept_plain, &plain))
        fail("no threads");
    while (getchar() != EOF) continue;
    return 0;
}
