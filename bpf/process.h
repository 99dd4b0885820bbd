/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Facts of a process, as events and as iterator records. src/host/linux/bpf/layout.ts mirrors the structs. */
#ifndef SOCKLENS_PROCESS_H
#define SOCKLENS_PROCESS_H

#include "kernel-types.h"

enum {
	PROCESS_FORK = 1,
	PROCESS_EXEC = 2,
	PROCESS_EXIT = 3,
	PROCESS_RENAME = 4,
	PROCESS_PRESENT = 5, /* from the iterator: was there before */
};

#define PATH_ROOM 512
#define NAME_ROOM 256
#define ARGUMENTS_ROOM 1024

struct process {
	__u32 kind;
	__u32 tgid;
	__u32 parent;
	__u32 uid;
	__u32 gid;
	__u16 path_length;
	__u16 arguments_length;
	__u64 time; /* CLOCK_MONOTONIC */
	__u64 start; /* CLOCK_BOOTTIME */
	__u64 cgroup;
	char comm[16];
	char parent_comm[16];
};

/* Components of the executable's path, last one first, each ended by NUL. Read with NAME_ROOM bytes to spare. */
struct path_bytes {
	char bytes[PATH_ROOM + NAME_ROOM];
};

static __always_inline void describe(struct process *process, struct task_struct *task, __u32 kind)
{
	struct task_struct *parent;
	const struct cred *cred;

	process->kind = kind;
	process->path_length = 0;
	process->arguments_length = 0;
	process->time = bpf_ktime_get_ns();
	process->tgid = task->tgid;
	process->start = task->group_leader->start_boottime;
	parent = task->real_parent;
	process->parent = parent->tgid;
	cred = task->cred;
	process->uid = cred->uid.val;
	process->gid = cred->gid.val;
	process->cgroup = 0;
	bpf_probe_read_kernel(process->comm, sizeof(process->comm), task->comm);
	bpf_probe_read_kernel(process->parent_comm, sizeof(process->parent_comm), parent->comm);
}

/*
 * Walks from the executable's dentry to the root of its mount tree. Bounded: 32 names and mount crossings; a deeper
 * path is given from where it was cut, without its first part. A global function, so that the verifier looks at its
 * loop once and by itself: inlined, the loop's states multiply with the caller's and loading takes a tenth of a second.
 */
__noinline __u32 write_path(struct path_bytes *to, __u64 file_address)
{
	struct file *file = (void *)file_address;
	struct dentry *dentry, *parent, *root;
	struct vfsmount *vfsmount;
	__u32 at = 0;

	if (!to || !file)
		return 0;
	if (READ(dentry, file, f_path.dentry) || READ(vfsmount, file, f_path.mnt))
		return 0;
	for (int step = 0; step < 32; step++) {
		const unsigned char *name;
		long length;

		if (READ(root, vfsmount, mnt_root) || READ(parent, dentry, d_parent))
			break;
		if (dentry == root || dentry == parent) {
			struct mount *mount, *above;

			mount = (void *)vfsmount - __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
			if (READ(above, mount, mnt_parent) || above == mount || READ(dentry, mount, mnt_mountpoint))
				break;
			vfsmount = (void *)above + __builtin_preserve_field_info(((struct mount *)0)->mnt, 0);
			continue;
		}
		if (READ(name, dentry, d_name.name) || at >= PATH_ROOM)
			break;
		length = bpf_probe_read_kernel_str(to->bytes + (at & (PATH_ROOM - 1)), NAME_ROOM, name);
		if (length <= 0)
			break;
		at += length;
		dentry = parent;
	}
	return at < PATH_ROOM + NAME_ROOM ? at : 0;
}

/* Address of the task's executable file; as a number, because a global function takes no kernel pointer. */
static __always_inline __u64 executable_of(struct task_struct *task)
{
	__u64 file = 0;

	bpf_probe_read_kernel(&file, sizeof(file), &task->mm->exe_file);
	return file;
}

#endif
