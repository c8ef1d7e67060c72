/*
 * Preloaded into a program, this writes down in order what the program asks of the files under POWERCUT_ROOT, and what it says to
 * the world outside (terminals and sockets), into POWERCUT_LOG. What is said is noted before it is said; a sync, after it is done.
 *
 * A note is: kind (1 byte), file (inode, 8), offset (8), length of the name (4), length of the data (4), name, data; all numbers
 * little-endian. Kinds: O opened, W written, T truncated to offset, S synced, D folder synced, R renamed (data: the new name),
 * U unlinked, X said.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#define DESCRIPTORS_MAX 65536

struct watched {
    char *path; /* NULL: of no interest */
    uint64_t inode;
    int is_file;
};

static struct watched table[DESCRIPTORS_MAX];
static const char *root;
static size_t root_length;
static int log_descriptor = -1;

static int (*real_open)(const char *, int, ...);
static int (*real_close)(int);
static ssize_t (*real_write)(int, const void *, size_t);
static ssize_t (*real_pwrite)(int, const void *, size_t, off_t);
static ssize_t (*real_send)(int, const void *, size_t, int);
static int (*real_fsync)(int);
static int (*real_fdatasync)(int);
static int (*real_ftruncate)(int, off_t);
static int (*real_rename)(const char *, const char *);
static int (*real_unlink)(const char *);

__attribute__((constructor)) static void begin(void)
{
    const char *log = getenv("POWERCUT_LOG");

    real_open = dlsym(RTLD_NEXT, "open64");
    real_close = dlsym(RTLD_NEXT, "close");
    real_write = dlsym(RTLD_NEXT, "write");
    real_pwrite = dlsym(RTLD_NEXT, "pwrite64");
    real_send = dlsym(RTLD_NEXT, "send");
    real_fsync = dlsym(RTLD_NEXT, "fsync");
    real_fdatasync = dlsym(RTLD_NEXT, "fdatasync");
    real_ftruncate = dlsym(RTLD_NEXT, "ftruncate64");
    real_rename = dlsym(RTLD_NEXT, "rename");
    real_unlink = dlsym(RTLD_NEXT, "unlink");
    root = getenv("POWERCUT_ROOT");
    if (root && log) {
        root_length = strlen(root);
        log_descriptor = real_open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
}

/* One call that appends: so the notes of several threads and programs do not mix. */
static void note(char kind, uint64_t file, uint64_t offset, const char *name, const void *data, size_t size)
{
    uint32_t name_length = name ? strlen(name) : 0, data_length = size;
    char head[25];
    struct iovec parts[3] = {{head, sizeof head}, {(void *)name, name_length}, {(void *)data, size}};

    if (log_descriptor < 0)
        return;
    head[0] = kind;
    memcpy(head + 1, &file, 8);
    memcpy(head + 9, &offset, 8);
    memcpy(head + 17, &name_length, 4);
    memcpy(head + 21, &data_length, 4);
    if (writev(log_descriptor, parts, 3) != (ssize_t)(sizeof head + name_length + size))
        abort(); /* a log with a hole proves nothing */
}

static int is_inside(const char *path)
{
    return log_descriptor >= 0 && strncmp(path, root, root_length) == 0 && (path[root_length] == '/' || path[root_length] == 0);
}

static struct watched *watched(int descriptor)
{
    int is_known = descriptor >= 0 && descriptor < DESCRIPTORS_MAX && table[descriptor].path;
    return is_known ? &table[descriptor] : NULL;
}

static void forget(int descriptor)
{
    struct watched *entry = watched(descriptor);
    if (entry) {
        free(entry->path);
        entry->path = NULL;
    }
}

static int opened(int descriptor, const char *path, int flags)
{
    struct stat found;

    if (log_descriptor < 0 || descriptor < 0 || descriptor >= DESCRIPTORS_MAX || fstat(descriptor, &found) != 0)
        return descriptor;
    forget(descriptor);
    if (!is_inside(path) && !(S_ISCHR(found.st_mode) && isatty(descriptor)))
        return descriptor;
    table[descriptor].path = strdup(path);
    table[descriptor].inode = found.st_ino;
    table[descriptor].is_file = S_ISREG(found.st_mode);
    if (table[descriptor].is_file && (flags & O_ACCMODE) != O_RDONLY) {
        note('O', found.st_ino, 0, path, NULL, 0);
        if (flags & O_TRUNC)
            note('T', found.st_ino, 0, NULL, NULL, 0);
    }
    return descriptor;
}

int open(const char *path, int flags, ...)
{
    va_list more;
    va_start(more, flags);
    mode_t mode = flags & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;
    va_end(more);
    return opened(real_open(path, flags, mode), path, flags);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));

int close(int descriptor)
{
    forget(descriptor);
    return real_close(descriptor);
}

ssize_t write(int descriptor, const void *data, size_t size)
{
    struct watched *entry = watched(descriptor);
    uint64_t at;

    if (!entry)
        return real_write(descriptor, data, size);
    if (!entry->is_file) {
        note('X', 0, 0, entry->path, data, size);
        return real_write(descriptor, data, size);
    }
    ssize_t written = real_write(descriptor, data, size);
    at = lseek(descriptor, 0, SEEK_CUR) - (written > 0 ? written : 0); /* right where it appends too */
    if (written > 0)
        note('W', entry->inode, at, NULL, data, written);
    return written;
}

ssize_t pwrite64(int descriptor, const void *data, size_t size, off_t offset)
{
    struct watched *entry = watched(descriptor);
    ssize_t written = real_pwrite(descriptor, data, size, offset);

    if (entry && written > 0)
        note('W', entry->inode, offset, NULL, data, written);
    return written;
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t offset) __attribute__((alias("pwrite64")));

ssize_t send(int descriptor, const void *data, size_t size, int flags)
{
    note('X', 0, 0, "socket", data, size);
    return real_send(descriptor, data, size, flags);
}

static int synced(int descriptor, int result)
{
    struct watched *entry = watched(descriptor);

    if (entry && result == 0)
        note(entry->is_file ? 'S' : 'D', entry->inode, 0, entry->path, NULL, 0);
    return result;
}

int fsync(int descriptor)
{
    return synced(descriptor, real_fsync(descriptor));
}

int fdatasync(int descriptor)
{
    return synced(descriptor, real_fdatasync(descriptor));
}

int ftruncate64(int descriptor, off_t length)
{
    struct watched *entry = watched(descriptor);
    int result = real_ftruncate(descriptor, length);

    if (entry && result == 0)
        note('T', entry->inode, length, NULL, NULL, 0);
    return result;
}

int ftruncate(int descriptor, off_t length) __attribute__((alias("ftruncate64")));

int rename(const char *before, const char *after)
{
    int result = real_rename(before, after);

    if (result == 0 && (is_inside(before) || is_inside(after)))
        note('R', 0, 0, before, after, strlen(after));
    return result;
}

int unlink(const char *path)
{
    int result = real_unlink(path);

    if (result == 0 && is_inside(path))
        note('U', 0, 0, path, NULL, 0);
    return result;
}
