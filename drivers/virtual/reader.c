/* A reader for pcscd with a virtual card's socket behind it: vpcd's driver, and around it what vpcd lacks.
 *
 * One slot. The card is looked for every ADM_POLL_MS instead of every 400 ms. A card that answers the power-up with
 * something that is no ATR is refused, as a real reader refuses it. A card that went is away for some looks, whoever
 * came since, as a real reader's interrupt has it: pcscd would take the two for one. While the file ADM_UNPLUGGED is
 * there, the reader answers nothing.
 *
 * Loaded before all else (LD_PRELOAD) it also makes /run/pcscd unnecessary: pcscd wants to create that folder where no
 * pcscd of the machine did, which an ordinary user may not, and puts nothing into it that we need.
 *
 * Built by drivers/virtual/pcscd.py with vpcd's library beside it. pcscd finds by dlsym(this library) what is not
 * defined here in that library, because it is a DT_NEEDED of this one; and vpcd's own calls of waitforclient come here. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TAG_IFD_SLOTS_NUMBER 0x0FAE
#define TAG_IFD_POLLING_THREAD_WITH_TIMEOUT 0x0FB3
#define IFD_POWER_UP 500
#define IFD_SUCCESS 0
#define IFD_ERROR_POWER_ACTION 608
#define IFD_COMMUNICATION_ERROR 612
#define IFD_ICC_PRESENT 615
#define IFD_ICC_NOT_PRESENT 616
#define IFD_NO_SUCH_DEVICE 617

typedef unsigned long dword;

#define REAL(name) dlsym(RTLD_NEXT, #name)

int mkdir(const char *path, mode_t mode) {
    int (*real)(const char *, mode_t) = REAL(mkdir);
    return strcmp(path, "/run/pcscd") == 0 ? 0 : real(path, mode);
}

static int unplugged(void) {
    const char *file = getenv("ADM_UNPLUGGED");
    return file && access(file, F_OK) == 0;
}

/* pcscd calls a reader from one thread at a time. It also looks, and forgets what it saw, before it powers a card down:
 * of three looks in a row one is to see who is there. */
#define LOOKS 3
static int came, present, away;

/* vpcd's: take the card that waits at the door, if there is one. */
int waitforclient(int server, long seconds, long microseconds) {
    int (*real)(int, long, long) = REAL(waitforclient);
    int card = real(server, seconds, microseconds);
    if (card >= 0) came = 1;
    return card;
}

static long look_again(dword lun, int timeout) {
    const char *ms = getenv("ADM_POLL_MS");
    (void)lun;
    (void)timeout;
    usleep(1000 * (ms ? atoi(ms) : 400));
    return 0;
}

long IFDHCreateChannelByName(dword lun, char *name) {
    long (*real)(dword, char *) = REAL(IFDHCreateChannelByName);
    return unplugged() ? IFD_NO_SUCH_DEVICE : real(lun, name);
}

long IFDHCreateChannel(dword lun, dword channel) {
    long (*real)(dword, dword) = REAL(IFDHCreateChannel);
    return unplugged() ? IFD_NO_SUCH_DEVICE : real(lun, channel);
}

long IFDHICCPresence(dword lun) {
    long (*real)(dword) = REAL(IFDHICCPresence);
    if (unplugged()) return IFD_COMMUNICATION_ERROR;
    long result = real(lun);
    if (present && (came || result != IFD_ICC_PRESENT)) away = LOOKS;
    came = 0;
    present = result == IFD_ICC_PRESENT;
    if (away > 0) {
        away--;
        return IFD_ICC_NOT_PRESENT;
    }
    return result;
}

long IFDHPowerICC(dword lun, dword action, unsigned char *atr, dword *length) {
    long (*real)(dword, dword, unsigned char *, dword *) = REAL(IFDHPowerICC);
    long result = real(lun, action, atr, length);
    int answered = *length >= 2 && (atr[0] == 0x3B || atr[0] == 0x3F);
    return result == IFD_SUCCESS && action == IFD_POWER_UP && !answered ? IFD_ERROR_POWER_ACTION : result;
}

long IFDHGetCapabilities(dword lun, dword tag, dword *length, unsigned char *value) {
    long (*real)(dword, dword, dword *, unsigned char *) = REAL(IFDHGetCapabilities);
    if (tag == TAG_IFD_SLOTS_NUMBER) {
        *value = 1;
        *length = 1;
        return IFD_SUCCESS;
    }
    if (tag == TAG_IFD_POLLING_THREAD_WITH_TIMEOUT) {
        void *function = (void *)look_again;
        memcpy(value, &function, sizeof function);
        *length = sizeof function;
        return IFD_SUCCESS;
    }
    return real(lun, tag, length, value);
}
