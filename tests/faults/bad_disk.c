/* Preloaded: a disk whose syncs fail or stall, that nothing can be written to, or that has bad sectors, when a test says so.
 *
 * bad_disk_fail_at(n) lets the nth sync from now fail with EIO; the file that BAD_DISK_STALL names holds the milliseconds that
 * each sync takes longer while the file is there; while the one is there that BAD_DISK_READ_ONLY names, no page is written. With
 * BAD_DISK_NO_SHARED_MEMORY set, no file can be mapped to be shared. BAD_DISK_UNREADABLE, "INODE BEGIN END", names bytes of a
 * file that cannot be read. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static long calls, fail_at;

void bad_disk_fail_at(long n) {
    calls = 0;
    fail_at = n;
}

long bad_disk_syncs(void) {
    return calls;
}

static void stall(void) {
    const char *path = getenv("BAD_DISK_STALL");
    FILE *file = path ? fopen(path, "r") : NULL;
    long milliseconds = 0;
    if (file == NULL)
        return;
    if (fscanf(file, "%ld", &milliseconds) == 1) {
        struct timespec pause = {milliseconds / 1000, milliseconds % 1000 * 1000000};
        nanosleep(&pause, NULL);
    }
    fclose(file);
}

static int sync_by(const char *name, int descriptor) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    calls++;
    stall();
    if (calls == fail_at) {
        errno = EIO;
        return -1;
    }
    return real(descriptor);
}

static int is_read_only(void) {
    const char *path = getenv("BAD_DISK_READ_ONLY");
    return path && access(path, F_OK) == 0;
}

/* SQLite alone writes so; wires and sockets do not. */
ssize_t pwrite64(int descriptor, const void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, const void *, size_t, off64_t);
    if (real == NULL)
        real = (ssize_t (*)(int, const void *, size_t, off64_t))dlsym(RTLD_NEXT, "pwrite64");
    if (is_read_only()) {
        errno = EROFS;
        return -1;
    }
    return real(descriptor, data, size, at);
}

ssize_t pwrite(int descriptor, const void *data, size_t size, off_t at) {
    return pwrite64(descriptor, data, size, at);
}

/* As on a file system without shared memory. */
void *mmap64(void *at, size_t size, int protection, int flags, int descriptor, off64_t offset) {
    static void *(*real)(void *, size_t, int, int, int, off64_t);
    if (real == NULL)
        real = (void *(*)(void *, size_t, int, int, int, off64_t))dlsym(RTLD_NEXT, "mmap64");
    if (getenv("BAD_DISK_NO_SHARED_MEMORY") && descriptor >= 0 && flags & MAP_SHARED && protection & PROT_WRITE) {
        errno = ENODEV;
        return MAP_FAILED;
    }
    return real(at, size, protection, flags, descriptor, offset);
}

void *mmap(void *at, size_t size, int protection, int flags, int descriptor, off_t offset) {
    return mmap64(at, size, protection, flags, descriptor, offset);
}

int fsync(int descriptor) {
    return sync_by("fsync", descriptor);
}

int fdatasync(int descriptor) {
    return sync_by("fdatasync", descriptor);
}

static int is_unreadable(int descriptor, off64_t at, size_t size) {
    const char *said = getenv("BAD_DISK_UNREADABLE");
    unsigned long inode;
    long begin, end;
    struct stat file;
    return said && sscanf(said, "%lu %ld %ld", &inode, &begin, &end) == 3 && fstat(descriptor, &file) == 0 &&
           file.st_ino == inode && at < end && begin < at + (off64_t)size;
}

ssize_t pread64(int descriptor, void *data, size_t size, off64_t at) {
    static ssize_t (*real)(int, void *, size_t, off64_t);
    if (real == NULL)
        real = (ssize_t (*)(int, void *, size_t, off64_t))dlsym(RTLD_NEXT, "pread64");
    if (is_unreadable(descriptor, at, size)) {
        errno = EIO;
        return -1;
    }
    return real(descriptor, data, size, at);
}

ssize_t pread(int descriptor, void *data, size_t size, off_t at) {
    return pread64(descriptor, data, size, at);
}

ssize_t read(int descriptor, void *data, size_t size) {
    static ssize_t (*real)(int, void *, size_t);
    if (real == NULL)
        real = (ssize_t (*)(int, void *, size_t))dlsym(RTLD_NEXT, "read");
    if (getenv("BAD_DISK_UNREADABLE") && is_unreadable(descriptor, lseek(descriptor, 0, SEEK_CUR), size)) {
        errno = EIO;
        return -1;
    }
    return real(descriptor, data, size);
}
