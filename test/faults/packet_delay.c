// Copyright (c) 2026 The tautline authors. Distributed under the Boost Software License 1.0.
// Holds or drops the packets of a netfilter queue: delay, jitter and loss where the kernel has no netem.
// Usage: packet_delay QUEUE DELAY_MS JITTER_MS LOSS_PERCENT SEED. Says "ready", and ends with its standard input.
// Each packet is held for DELAY plus a part of JITTER of its own, so that packets overtake each other.
#include <arpa/inet.h>
#include <libnetfilter_queue/libnetfilter_queue.h>
#include <linux/netfilter.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_held = 65536 };

struct held {
  long long due;
  unsigned id;
};

static struct held waiting[most_held];
static size_t count;
static long long delay_us, jitter_us;
static double loss;

static long long now_us(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000LL + t.tv_nsec / 1000;
}

static int take(struct nfq_q_handle *queue, struct nfgenmsg *message, struct nfq_data *data, void *unused) {
  struct nfqnl_msg_packet_hdr *head = nfq_get_msg_packet_hdr(data);
  (void)message;
  (void)unused;
  if (head == NULL) return 0;
  const unsigned id = ntohl(head->packet_id);
  if (count == most_held || drand48() < loss) return nfq_set_verdict(queue, id, NF_DROP, 0, NULL);
  waiting[count].due = now_us() + delay_us + (long long)(drand48() * (double)jitter_us);
  waiting[count++].id = id;
  return 0;
}

// Lets go what is due, and returns how many milliseconds the next one has left; -1: there is none.
static int release(struct nfq_q_handle *queue) {
  const long long now = now_us();
  long long next = -1;
  size_t kept = 0;
  for (size_t i = 0; i < count; ++i) {
    if (waiting[i].due <= now) {
      nfq_set_verdict(queue, waiting[i].id, NF_ACCEPT, 0, NULL);
      continue;
    }
    if (next < 0 || waiting[i].due < next) next = waiting[i].due;
    waiting[kept++] = waiting[i];
  }
  count = kept;
  return next < 0 ? -1 : (int)((next - now + 999) / 1000);
}

int main(int argc, char **argv) {
  static char buffer[65536] __attribute__((aligned));
  if (argc != 6) return 2;
  delay_us = atoll(argv[2]) * 1000;
  jitter_us = atoll(argv[3]) * 1000;
  loss = atof(argv[4]) / 100;
  srand48(atol(argv[5]));

  struct nfq_handle *handle = nfq_open();
  if (handle == NULL) return perror("nfq_open"), 1;
  struct nfq_q_handle *queue = nfq_create_queue(handle, (unsigned short)atoi(argv[1]), &take, NULL);
  if (queue == NULL) return perror("nfq_create_queue"), 1;
  nfq_set_mode(queue, NFQNL_COPY_META, 0);
  nfq_set_queue_maxlen(queue, most_held);
  printf("ready\n");
  fflush(stdout);

  struct pollfd ready[2] = {{nfq_fd(handle), POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  for (;;) {
    poll(ready, 2, release(queue));
    if (ready[1].revents) return 0;
    if (!(ready[0].revents & POLLIN)) continue;
    const ssize_t size = recv(ready[0].fd, buffer, sizeof buffer, MSG_DONTWAIT);
    if (size > 0) nfq_handle_packet(handle, buffer, (int)size);
  }
}
