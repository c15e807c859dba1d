/* Flags of file systems. There is one, the root in memory, and no call mounts
 * another. NetBSD: sys/sys/mount.h, sys/sys/fstypes.h. */
#ifndef _SYS_MOUNT_H_
#define _SYS_MOUNT_H_

#include <sys/param.h>
#include <sys/stat.h>

#define MNT_RDONLY 0x00000001
#define MNT_SYNCHRONOUS 0x00000002
#define MNT_NOEXEC 0x00000004
#define MNT_NOSUID 0x00000008
#define MNT_NODEV 0x00000010
#define MNT_UNION 0x00000020
#define MNT_ASYNC 0x00000040
#define MNT_LOCAL 0x00001000
#define MNT_ROOTFS 0x00004000
#define MNT_NOATIME 0x04000000
#define MNT_UPDATE 0x00010000
#define MNT_FORCE 0x00080000
#define MOUNT_TMPFS "tmpfs"

#endif
