/* Many WebSocket clients that cost little, for bench_fanout.py: one thread, epoll, only ever to 127.0.0.1.
 *
 *   load PORT PATHS REQUEST STALLING FIRST    client i asks for line i of the file PATHS; REQUEST is a file with an
 *         HTTP request that publishes; every STALLING-th client will stop reading on `stall`; the addresses that
 *         clients come from begin with the FIRST, so that several loads share none
 *
 * Compiled with TLS defined it speaks nothing else, and believes every certificate.
 *
 * Commands come on stdin, one a line, and each is answered with one line of JSON:
 *   open N              N clients more, 64 at once, until each has a document
 *   warm N              publishes N times, waiting for silence; learns how far "seq" goes with each
 *   run N AHEAD RATE S  publishes N times within S seconds: RATE a second, or, if 0, with AHEAD not yet at everybody
 *   idle S              nothing for S seconds, but to answer pings
 *   stall               those that shall stop reading do
 *   storm               publishes; all hang up, and half a second later come back at once, until each has that document
 *
 * A document is a text that has "seq":<number> near its start; {"type":"beat" is none. The client has got all that was
 * published when it has a document with the newest number: one document may stand for several that were skipped. A
 * request that has "seq":<12 digits> itself is given the next number. Nothing is verified but what is counted. */
#define _GNU_SOURCE
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "wire.h"

enum { AWAY, CONNECTING, SHAKING, ASKED, OPEN, READY };
enum { PER_ADDRESS = 90, DESKS = 8, MOST = 20000, SAMPLES = 4000000, BUFFER = 1 << 18 };
#define OPENING_S 60
#define DRAIN_S 5

typedef struct { wire wire; int state, stalled, seen, held; uint8_t *rest; char *path; } client;

static client *clients, desks[DESKS]; /* desks: the connections that publish */
static int all, opened, coming, ready, alive, dead, refused, port, stalling, first, poller;
static char request[1 << 16], *number; static int request_size;
static uint8_t buffer[BUFFER]; static char failure[160];
static long long top, base, wanted; static int step = 1; /* of "seq" */
static double sent[MOST]; static int got[MOST], done, published, running; /* got: how many clients have the i-th */
static float *late, last[MOST]; static long samples, documents, reached, bytes; static double last_at;

static double now(void) { struct timespec t; clock_gettime(CLOCK_MONOTONIC, &t); return t.tv_sec + t.tv_nsec / 1e9; }

static void start(client *c, uint32_t address) {
  c->wire = reach(address, port);
  c->state = CONNECTING; c->held = 0; c->seen = 0;
  struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLET, .data.ptr = c };
  epoll_ctl(poller, EPOLL_CTL_ADD, c->wire.fd, &e); }

static void end(client *c) { /* of a client that is known to epoll */
  if (c->state == AWAY) return;
  if (c->state == READY) { ready--; alive -= !c->stalled; } else coming--;
  hang_up(&c->wire); free(c->rest); c->rest = NULL; c->held = 0; c->state = AWAY; dead++; }

static void ask(client *c) {
  char text[512];
  int n = snprintf(text, sizeof text, "GET %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n", c->path, port);
  c->state = ASKED;
  if (put(&c->wire, text, n) != n) end(c); }

static int is_coming(client *c) { return c->state == CONNECTING || c->state == SHAKING; }

static void shake(client *c) { /* the connection is there; then the request, but of a desk */
  int done = shaken(&c->wire);
  c->state = SHAKING;
  if (done < 0) end(c);
  else if (done && c->path) ask(c);
  else if (done) c->state = OPEN; }

static void document(client *c, uint8_t *text, long size, double at) {
  if (size >= 14 && !memcmp(text, "{\"type\":\"beat\"", 14)) return;
  uint8_t *found = memmem(text, size < 200 ? size : 200, "\"seq\":", 6);
  if (!found) return;
  long long seq = strtoll((char *)found + 6, NULL, 10); /* ends at a comma or brace */
  documents++; last_at = at;
  if (seq > top) top = seq;
  if (c->state == OPEN && seq >= wanted) { c->state = READY; coming--; ready++; alive++; }
  long is = seq > base ? (seq - base) / step : 0;
  for (; running && c->seen < is && c->seen < published; c->seen++, reached++) {
    if (samples < SAMPLES) late[samples++] = at - sent[c->seen];
    last[c->seen] = at - sent[c->seen]; got[c->seen]++; }
  while (done < published && got[done] >= alive) done++; }

static void frame(client *c, uint8_t *head, uint8_t *payload, long size, double at) {
  int op = head[0] & 15;
  if (op == 1) document(c, payload, size, at);
  if (op == 9 && size <= 125) { /* a pong; a mask of zeros is a mask */
    uint8_t pong[131] = { 0x8a, 0x80 | size };
    memcpy(pong + 6, payload, size);
    if (put(&c->wire, pong, size + 6) < 0 && errno != EAGAIN) end(c); }
  if (op == 8) end(c); }

static long upgraded(client *c, long n) { /* how long the answer's head is; 0 if it is not whole */
  uint8_t *head = memmem(buffer, n, "\r\n\r\n", 4);
  if (!head) return 0;
  if (memcmp(buffer, "HTTP/1.1 101", 12)) { refused++; snprintf(failure, 60, "%.*s", 40, buffer); end(c); return 0; }
  c->state = OPEN;
  return head + 4 - buffer; }

static void hear(client *c) {
  long n, size, head, off;
  do {
    memcpy(buffer, c->rest, c->held);
    ssize_t r = get(&c->wire, buffer + c->held, BUFFER - 1 - c->held);
    if (r < 0 && errno == EAGAIN) return;
    if (r <= 0) { end(c); return; }
    double at = now();
    n = c->held + r; bytes += r; buffer[n] = 0;
    if (c->path == NULL) { /* a desk: only refusals are of interest */
      char *bad = strstr((char *)buffer, "HTTP/1.1 4"); if (!bad) bad = strstr((char *)buffer, "HTTP/1.1 5");
      if (bad) snprintf(failure, sizeof failure, "%.100s", bad);
      continue; }
    off = c->state == ASKED ? upgraded(c, n) : 0;
    while (c->state >= OPEN && n - off >= 2) {
      uint8_t *p = buffer + off; size = p[1] & 127; head = 2;
      if (size == 126) { size = p[2] << 8 | p[3]; head = 4; }
      if (size == 127) { size = (long)p[6] << 24 | p[7] << 16 | p[8] << 8 | p[9]; head = 10; }
      if (n - off < head || n - off < head + size) break;
      frame(c, p, p + head, size, at); off += head + size; }
    if (c->state == AWAY) return;
    c->held = n - off; free(c->rest); c->rest = NULL;
    if (c->held) { c->rest = malloc(c->held); memcpy(c->rest, buffer + off, c->held); }
  } while (IS_TLS || n == BUFFER - 1); } /* a short read has emptied a plain socket */

/* After a thin batch it sleeps a little, so that arrivals pile up: else each send of the server wakes this process,
 * which the server pays for, and this core is the first to be full. */
static void listen_for(double seconds) {
  static struct epoll_event events[256];
  int n = epoll_wait(poller, events, 256, seconds < 0 ? 0 : (int)(seconds * 1000));
  for (int i = 0; i < n; i++) {
    client *c = events[i].data.ptr;
    if (is_coming(c)) {
      if (events[i].events & (EPOLLERR | EPOLLHUP)) end(c);
      else shake(c); }
    else if (c->state != AWAY && events[i].events & ~EPOLLOUT) hear(c); }
  if (n > 0 && n < 64) { struct timespec t = { 0, 50000 }; nanosleep(&t, NULL); } }

static void open_desks(void) {
  for (int i = 0; i < DESKS; i++) { start(&desks[i], INADDR_LOOPBACK); coming++; }
  for (int i = 0; i < DESKS; i++) while (is_coming(&desks[i])) listen_for(0.1); }

static void close_desks(void) { for (int i = 0; i < DESKS; i++) if (desks[i].state != AWAY) { end(&desks[i]); dead--; } }

static void publish(void) {
  client *desk = &desks[published % DESKS];
  if (desk->state == AWAY) { start(desk, INADDR_LOOPBACK); coming++; while (is_coming(desk)) listen_for(0.1); }
  if (number) { char digits[24]; snprintf(digits, sizeof digits, "%012lld", base + published + 1); memcpy(number, digits, 12); }
  sent[published++] = now();
  if (put(&desk->wire, request, request_size) != request_size) snprintf(failure, 60, "cannot publish"); }

static void forget(void) {
  for (int i = 0; i < all; i++) clients[i].seen = 0;
  memset(got, 0, sizeof got); memset(last, 0, sizeof last);
  samples = documents = reached = bytes = 0; done = published = 0; base = top; failure[0] = 0; }

static void open_until(int target, int at_once) {
  double began = now(); int before = dead;
  while (ready < target - (dead - before) && now() - began < OPENING_S) {
    for (; opened < target && coming < at_once; opened++, coming++) {
      int group = first + opened / PER_ADDRESS;
      start(&clients[opened], 0x7f000101 + (group / 250 << 8) + group % 250); }
    listen_for(opened < target ? 0 : 0.05); }
  printf("{\"seconds\":%.4f,\"ready\":%d,\"refused\":%d,\"failure\":\"%s\"}\n",
    now() - began, ready, refused, refused ? failure : ""); }

static void warm(int times) { /* and once before: the first may differ */
  long long before = top;
  open_desks(); running = 0;
  for (int i = -1; i < times; i++) {
    if (i == 0) before = top;
    forget(); publish(); last_at = now();
    while (now() - last_at < 0.2) listen_for(0.02); }
  close_desks();
  step = top - before >= times ? (top - before) / times : 1;
  printf("{\"step\":%d,\"uneven\":%lld,\"failure\":\"%s\"}\n", step, (top - before) % times, failure); }

static int rises(const void *a, const void *b) { float x = *(float *)a, y = *(float *)b; return (x > y) - (x < y); }
static double share(float *of, long count, double part) { return count ? of[(long)(part * (count - 1))] * 1e3 : -1; }

static double spent(struct rusage *of) {
  return of->ru_utime.tv_sec + of->ru_stime.tv_sec + (of->ru_utime.tv_usec + of->ru_stime.tv_usec) / 1e6; }

static void run(int count, int ahead, double rate, double seconds) {
  struct rusage before, after; double began, behind = 0;
  open_desks(); forget(); getrusage(RUSAGE_SELF, &before); running = 1; began = last_at = now();
  if (count > MOST) count = MOST;
  while (published < count && now() - began < seconds) {
    double due = rate ? began + published / rate - now() : published - done < ahead ? 0 : 0.02;
    if (due > 0) { listen_for(due); continue; }
    if (rate && -due > behind) behind = -due;
    publish(); listen_for(0); }
  for (double until = now() + DRAIN_S; done < published && now() < until;) listen_for(0.02);
  running = 0; close_desks(); getrusage(RUSAGE_SELF, &after);
  double took = last_at - began, cpu = spent(&after) - spent(&before);
  qsort(late, samples, sizeof *late, rises); qsort(last, published, sizeof *last, rises);
  printf("{\"seconds\":%.4f,\"published\":%d,\"missing\":%ld,\"reached\":%ld,\"documents\":%ld,\"bytes\":%ld,"
    "\"p50_ms\":%.3f,\"p99_ms\":%.3f,\"max_ms\":%.3f,\"last_p50_ms\":%.3f,\"last_p99_ms\":%.3f,\"behind_ms\":%.3f,"
    "\"client_cpu\":%.3f,\"alive\":%d,\"dead\":%d,\"failure\":\"%s\"}\n",
    took, published, (long)published * alive - reached, reached, documents, bytes,
    share(late, samples, .5), share(late, samples, .99), share(late, samples, 1), share(last, published, .5),
    share(last, published, .99), behind * 1e3, took > 0 ? cpu / took : 0, alive, dead, failure); }

static void stall(void) { /* not before: a small buffer slows down those who read, too */
  int little = 4096;
  for (int i = stalling - 1; stalling && i < opened; i += stalling) if (clients[i].state == READY) {
    clients[i].stalled = 1; alive--;
    setsockopt(clients[i].wire.fd, SOL_SOCKET, SO_RCVBUF, &little, sizeof little); /* soon full */
    epoll_ctl(poller, EPOLL_CTL_DEL, clients[i].wire.fd, NULL); }
  printf("{\"stalled\":%d}\n", ready - alive); }

static void idle(double seconds) {
  for (double until = now() + seconds; now() < until;) listen_for(0.1);
  printf("{\"ready\":%d,\"dead\":%d,\"failure\":\"\"}\n", ready, dead); }

static void storm(void) {
  int target = opened;
  open_desks(); forget(); running = 1; publish(); /* alone: of several at once the newest need not be the last */
  for (double until = now() + DRAIN_S; !done && now() < until;) listen_for(0.02);
  running = 0; close_desks();
  for (int i = 0; i < target; i++) { end(&clients[i]); clients[i].stalled = 0; }
  alive = ready = opened = dead = 0; wanted = top;
  for (double until = now() + 0.5; now() < until;) listen_for(0.1);
  open_until(target, target); }

int main(int count, char **argument) {
  char line[256], *path = NULL; size_t room = 0; ssize_t n; int a, b; double x, y; FILE *paths, *what;
  if (count != 6 || !(paths = fopen(argument[2], "r")) || !(what = fopen(argument[3], "r"))) return 2;
  port = atoi(argument[1]); stalling = atoi(argument[4]); first = atoi(argument[5]);
  request_size = fread(request, 1, sizeof request - 1, what);
  if ((number = memmem(request, request_size, "\"seq\":", 6))) number += 6;
  clients = calloc(MOST, sizeof *clients); late = malloc(SAMPLES * sizeof *late); memset(late, 0, SAMPLES * sizeof *late);
  while (all < MOST && (n = getline(&path, &room, paths)) > 0) { path[n - 1] = 0; clients[all++].path = strdup(path); }
  prctl(PR_SET_TIMERSLACK, 1); poller = epoll_create1(0); setvbuf(stdout, NULL, _IOLBF, 0);
  while (fgets(line, sizeof line, stdin)) {
    if (sscanf(line, "open %d", &a) == 1) open_until(opened + a < all ? opened + a : all, 64);
    else if (sscanf(line, "warm %d", &a) == 1) warm(a);
    else if (sscanf(line, "run %d %d %lf %lf", &a, &b, &x, &y) == 4) run(a, b, x, y);
    else if (sscanf(line, "idle %lf", &x) == 1) idle(x);
    else if (!strcmp(line, "stall\n")) stall();
    else if (!strcmp(line, "storm\n")) storm();
    else return 2; }
  return 0; }
