/* A client's connection for load.c: plain, or TLS where that is defined. What cannot be done now fails with EAGAIN. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#ifdef TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
enum { IS_TLS = 1 };
typedef struct { int fd; SSL *tls; } wire;
static SSL_CTX *kind;
#else
enum { IS_TLS = 0 };
typedef struct { int fd; } wire;
#endif

static wire reach(uint32_t from_address, int port) {
  struct sockaddr_in from = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(from_address) };
  struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
  int one = 1; struct linger reset = { 1, 0 }; /* no thousands of sockets in TIME_WAIT */
  wire w = { .fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0) };
  if (w.fd < 0) { perror("socket"); exit(2); }
  setsockopt(w.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(w.fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
  if (bind(w.fd, (void *)&from, sizeof from)) { perror("bind"); exit(2); }
  if (connect(w.fd, (void *)&to, sizeof to) && errno != EINPROGRESS) { perror("connect"); exit(2); }
#ifdef TLS
  if (!kind) { kind = SSL_CTX_new(TLS_client_method()); SSL_CTX_set_mode(kind, SSL_MODE_RELEASE_BUFFERS); }
  w.tls = SSL_new(kind); SSL_set_fd(w.tls, w.fd); SSL_set_connect_state(w.tls);
#endif
  return w; }

static void hang_up(wire *w) {
#ifdef TLS
  SSL_free(w->tls); w->tls = NULL;
#endif
  close(w->fd); }

#ifdef TLS
static ssize_t outcome(wire *w, int size) {
  if (size > 0) return size;
  int why = SSL_get_error(w->tls, size);
  ERR_clear_error(); /* or the next is taken for this one */
  errno = why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE ? EAGAIN : ECONNRESET;
  return why == SSL_ERROR_ZERO_RETURN ? 0 : -1; }

static int shaken(wire *w) {
  int size = SSL_do_handshake(w->tls);
  return size == 1 ? 1 : outcome(w, size) < 0 && errno == EAGAIN ? 0 : -1; }

static ssize_t put(wire *w, const void *data, int size) { return outcome(w, SSL_write(w->tls, data, size)); }
static ssize_t get(wire *w, void *data, int room) { return outcome(w, SSL_read(w->tls, data, room)); }
#else
static int shaken(wire *w) { return w->fd >= 0; } /* 1 when done, 0 when it goes on, -1 when it failed */
static ssize_t put(wire *w, const void *data, int size) { return send(w->fd, data, size, MSG_NOSIGNAL); }
static ssize_t get(wire *w, void *data, int room) { return recv(w->fd, data, room, 0); }
#endif
