/* Keeps a program from reaching beyond loopback, and notes what it tried to reach.
 *
 * Loaded before the C library, it stands between the program and the two functions by which it can
 * get out: looking up a name, and connecting. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netdb.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

static void note(const char *tried) {
    const char *file = getenv("REACHED_BEYOND_LOOPBACK");
    FILE *notes = file ? fopen(file, "a") : NULL;
    if (notes) {
        fprintf(notes, "%s\n", tried);
        fclose(notes);
    }
}

/* Whether an address is of this machine; if not, how it is written. */
static int is_near(const struct sockaddr *address, char *written) {
    if (address->sa_family == AF_INET) {
        const struct in_addr *ip = &((const struct sockaddr_in *)address)->sin_addr;
        inet_ntop(AF_INET, ip, written, INET6_ADDRSTRLEN);
        return ntohl(ip->s_addr) >> 24 == 127;
    }
    if (address->sa_family == AF_INET6) {
        const struct in6_addr *ip = &((const struct sockaddr_in6 *)address)->sin6_addr;
        inet_ntop(AF_INET6, ip, written, INET6_ADDRSTRLEN);
        return IN6_IS_ADDR_LOOPBACK(ip) || (IN6_IS_ADDR_V4MAPPED(ip) && ip->s6_addr[12] == 127);
    }
    return 1;
}

int connect(int socket, const struct sockaddr *address, socklen_t length) {
    char written[INET6_ADDRSTRLEN] = "";
    if (!is_near(address, written)) {
        note(written);
        errno = ENETUNREACH;
        return -1;
    }
    int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
    return next(socket, address, length);
}

int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints,
                struct addrinfo **found) {
    unsigned char ip[sizeof(struct in6_addr)];
    int is_number = name && (inet_pton(AF_INET, name, ip) == 1 || inet_pton(AF_INET6, name, ip) == 1);
    if (name && !is_number && strcmp(name, "localhost") != 0) {
        note(name);
        return EAI_NONAME;
    }
    int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) =
        dlsym(RTLD_NEXT, "getaddrinfo");
    return next(name, service, hints, found);
}
