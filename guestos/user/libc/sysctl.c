// sysctlbyname(3): the names of what the kernel has, which does not tell them.
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysctl.h>

static const struct {
    const char *name;
    int path[3]; // the third is 0 if there are two
} names[] = {
    {"kern.ostype", {CTL_KERN, KERN_OSTYPE}},
    {"kern.osrelease", {CTL_KERN, KERN_OSRELEASE}},
    {"kern.osrevision", {CTL_KERN, KERN_OSREV}},
    {"kern.version", {CTL_KERN, KERN_VERSION}},
    {"kern.maxproc", {CTL_KERN, KERN_MAXPROC}},
    {"kern.maxfiles", {CTL_KERN, KERN_MAXFILES}},
    {"kern.argmax", {CTL_KERN, KERN_ARGMAX}},
    {"kern.securelevel", {CTL_KERN, KERN_SECURELVL}},
    {"kern.hostname", {CTL_KERN, KERN_HOSTNAME}},
    {"kern.boottime", {CTL_KERN, KERN_BOOTTIME}},
    {"kern.proc2", {CTL_KERN, KERN_PROC2}},
    {"kern.forkfsleep", {CTL_KERN, KERN_FORKFSLEEP}},
    {"kern.sched.name", {CTL_KERN, KERN_SCHED, KERN_SCHED_NAME}},
    {"kern.sched.rtts", {CTL_KERN, KERN_SCHED, KERN_SCHED_RTTS}},
    {"kern.sched.pri_min", {CTL_KERN, KERN_SCHED, KERN_SCHED_PRI_MIN}},
    {"kern.sched.pri_max", {CTL_KERN, KERN_SCHED, KERN_SCHED_PRI_MAX}},
    {"vm.uvmexp2", {CTL_VM, VM_UVMEXP2}},
    {"vm.minaddress", {CTL_VM, VM_MINADDRESS}},
    {"vm.maxaddress", {CTL_VM, VM_MAXADDRESS}},
    {"vm.user_va0_disable", {CTL_VM, VM_USER_VA0_DISABLE}},
    {"hw.machine", {CTL_HW, HW_MACHINE}},
    {"hw.model", {CTL_HW, HW_MODEL}},
    {"hw.ncpu", {CTL_HW, HW_NCPU}},
    {"hw.physmem", {CTL_HW, HW_PHYSMEM}},
    {"hw.pagesize", {CTL_HW, HW_PAGESIZE}},
    {"hw.machine_arch", {CTL_HW, HW_MACHINE_ARCH}},
    {"hw.physmem64", {CTL_HW, HW_PHYSMEM64}},
};
enum { NAMES = sizeof(names) / sizeof(names[0]) };

// proc.PID.stopfork, where PID may be `curproc`. Returns whether it is that.
static int stopfork_path(const char *name, int *path) {
    if (strncmp(name, "proc.", 5) != 0)
        return 0;
    const char *pid = name + 5;
    char *end = (char *)pid + strcspn(pid, ".");
    path[0] = CTL_PROC;
    path[1] = PROC_CURPROC;
    path[2] = PROC_PID_STOPFORK;
    if (end - pid != 7 || strncmp(pid, "curproc", 7) != 0)
        path[1] = (int)strtol(pid, &end, 10);
    return end > pid && strcmp(end, ".stopfork") == 0;
}

// The numbers of a name; *count is the room and then how many they are.
int sysctlnametomib(const char *name, int *path, size_t *count) {
    int found[3];
    size_t length = 0;
    for (int i = 0; i < NAMES && length == 0; i++)
        if (strcmp(names[i].name, name) == 0) {
            memcpy(found, names[i].path, sizeof(names[i].path));
            length = found[2] != 0 ? 3 : 2;
        }
    if (length == 0 && stopfork_path(name, found))
        length = 3;
    if (length == 0 || length > *count) {
        errno = length == 0 ? ENOENT : ENOMEM;
        return -1;
    }
    memcpy(path, found, length * sizeof(*path));
    *count = length;
    return 0;
}

int sysctlbyname(const char *name, void *old, size_t *old_size, const void *new, size_t new_size) {
    int path[CTL_MAXNAME];
    size_t count = CTL_MAXNAME;
    if (sysctlnametomib(name, path, &count) == -1)
        return -1;
    return sysctl(path, (unsigned)count, old, old_size, new, new_size);
}
