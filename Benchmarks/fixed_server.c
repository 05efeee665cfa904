// A model server that answers every request after a fixed time, for Benchmarks/client-throughput.
// Usage: fixed_server MILLISECONDS
//
// The answer is the first value that the request's schema allows. The first line of output is the
// URL. The server is written in C so that it takes as little as possible of the two cores that it
// shares with the measured client.

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { MOST_CONNECTIONS = 4096, MOST_BODY = 1 << 20, MOST_EVENTS = 256 };

typedef struct { char *bytes; size_t used, room; } Text;
typedef struct { int socket; uint64_t due; } Waiting;

static Text received[MOST_CONNECTIONS];
// All requests wait equally long, so the first to arrive is the first to be answered.
static Waiting queue[MOST_CONNECTIONS];
static size_t head, waiting;

static uint64_t now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static void append(Text *text, const char *bytes, size_t count) {
  if (text->used + count > text->room) {
    text->room = (text->used + count) * 2;
    if (!(text->bytes = realloc(text->bytes, text->room))) abort();
  }
  memcpy(text->bytes + text->used, bytes, count);
  text->used += count;
}

static void append_words(Text *text, const char *words) { append(text, words, strlen(words)); }

static const char *after_space(const char *p) { return p + strspn(p, " \t\r\n,:"); }

/// The end of the JSON value that begins at `p`.
static const char *value_end(const char *p) {
  int depth = 0;
  do {
    if (*p == '"') {
      for (p++; *p != '"'; p++) if (*p == '\\') p++;
    } else if (*p == '{' || *p == '[') {
      depth++;
    } else if (*p == '}' || *p == ']') {
      depth--;
    }
    p++;
  } while (depth > 0 || (*p && !strchr(":,}] \n", *p)));
  return p;
}

/// The start of the value of `name` in the JSON object at `object`, or NULL.
static const char *member(const char *object, const char *name) {
  size_t length = strlen(name);
  for (const char *p = after_space(object + 1); *p == '"';) {
    const char *value = after_space(value_end(p));
    if (!strncmp(p + 1, name, length) && p[length + 1] == '"') return value;
    p = after_space(value_end(value));
  }
  return NULL;
}

/// Appends the first value that a schema allows.
static void append_choice(Text *text, const char *schema) {
  const char *part;
  if ((part = member(schema, "enum"))) {
    part = after_space(part + 1);
    append(text, part, (size_t)(value_end(part) - part));
  } else if ((part = member(schema, "items"))) {
    append_words(text, "[");
    append_choice(text, part);
    append_words(text, "]");
  } else if ((part = member(schema, "properties"))) {
    append_words(text, "{");
    for (const char *p = after_space(part + 1), *first = p; *p == '"';) {
      const char *end = value_end(p), *value = after_space(end);
      if (p != first) append_words(text, ",");
      append(text, p, (size_t)(end - p));
      append_words(text, ":");
      append_choice(text, value);
      p = after_space(value_end(value));
    }
    append_words(text, "}");
  } else {
    append_words(text, member(schema, "pattern") ? "\"10\"" : "\"because\"");
  }
}

static void answer(int socket) {
  static Text choice, quoted, body, reply;
  Text *request = &received[socket];
  const char *format = memmem(request->bytes, request->used, "\"json_schema\": {", 16);
  if (!format) {
    fprintf(stderr, "received a request without a schema\n");
    exit(65);
  }
  choice.used = quoted.used = body.used = reply.used = 0;
  append_choice(&choice, member(format + 15, "schema"));
  for (size_t i = 0; i < choice.used; i++) {
    if (choice.bytes[i] == '"' || choice.bytes[i] == '\\') append_words(&quoted, "\\");
    append(&quoted, choice.bytes + i, 1);
  }
  append_words(&body, "{\"choices\":[{\"message\":{\"role\":\"assistant\",\"content\":\"");
  append(&body, quoted.bytes, quoted.used);
  char words[200];
  snprintf(words, sizeof words, "\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":%zu,\"completion_tokens\":20}}", request->used / 4);
  append_words(&body, words);
  snprintf(words, sizeof words, "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %zu\r\n\r\n", body.used);
  append_words(&reply, words);
  append(&reply, body.bytes, body.used);
  if (send(socket, reply.bytes, reply.used, MSG_NOSIGNAL) != (ssize_t)reply.used) fprintf(stderr, "a reply was not sent in full\n");
  request->used = 0;
}

/// Reads what has arrived; a complete request is queued with the time when its answer is due.
static void receive(int socket, uint64_t delay) {
  static char bytes[1 << 16];
  ssize_t count = recv(socket, bytes, sizeof bytes, MSG_DONTWAIT);
  Text *request = &received[socket];
  if (count <= 0) {
    close(socket);
    request->used = 0;
    return;
  }
  append(request, bytes, (size_t)count);
  append(request, "", 1);
  request->used--;
  const char *end = strstr(request->bytes, "\r\n\r\n"), *length = strcasestr(request->bytes, "content-length:");
  if (!end || !length || length > end) return;
  size_t whole = (size_t)(end + 4 - request->bytes) + strtoul(length + 15, NULL, 10);
  if (whole > MOST_BODY) exit(65);
  if (request->used >= whole) queue[(head + waiting++) % MOST_CONNECTIONS] = (Waiting){socket, now() + delay};
}

int main(int count, char **arguments) {
  if (count != 2) return 64;
  uint64_t delay = (uint64_t)(atof(arguments[1]) * 1e6);
  int listener = socket(AF_INET, SOCK_STREAM, 0), one = 1, events = epoll_create1(0);
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
  socklen_t size = sizeof address;
  if (bind(listener, (struct sockaddr *)&address, size) || listen(listener, 1024)) return 71;
  getsockname(listener, (struct sockaddr *)&address, &size);
  printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  fflush(stdout);
  epoll_ctl(events, EPOLL_CTL_ADD, listener, &(struct epoll_event){.events = EPOLLIN, .data.fd = listener});
  for (;;) {
    struct epoll_event came[MOST_EVENTS];
    struct timespec left = {0, 0}, *limit = NULL;
    if (waiting) {
      uint64_t time = now(), due = queue[head].due;
      left.tv_nsec = due > time ? (long)(due - time) : 0;
      limit = &left;
    }
    int ready = epoll_pwait2(events, came, MOST_EVENTS, limit, NULL);
    for (int i = 0; i < ready; i++) {
      if (came[i].data.fd != listener) {
        receive(came[i].data.fd, delay);
        continue;
      }
      int client = accept(listener, NULL, NULL);
      if (client < 0 || client >= MOST_CONNECTIONS) return 71;
      setsockopt(client, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      epoll_ctl(events, EPOLL_CTL_ADD, client, &(struct epoll_event){.events = EPOLLIN, .data.fd = client});
    }
    while (waiting && queue[head].due <= now()) {
      answer(queue[head].socket);
      head = (head + 1) % MOST_CONNECTIONS;
      waiting--;
    }
  }
}
