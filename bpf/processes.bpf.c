/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Life of processes: fork, exec, rename, exit, told in time for a process that lives for a millisecond.
 * Optional part, CO-RE.
 */
#include "process.h"

char terms[] SEC("license") = "Dual BSD/GPL";

struct {
	__uint(type, BPF_MAP_TYPE_RINGBUF);
	__uint(max_entries, 1 << 21);
} events SEC(".maps");

struct losses {
	__u64 events;
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, 1);
	__uint(map_flags, BPF_F_MMAPABLE);
	__type(key, __u32);
	__type(value, struct losses);
} event_losses SEC(".maps");

struct exec_record {
	struct process process;
	struct path_bytes path;
	char arguments[ARGUMENTS_ROOM];
};

static __always_inline void lost(void)
{
	__u32 zero = 0;
	struct losses *losses = bpf_map_lookup_elem(&event_losses, &zero);

	if (losses)
		__sync_fetch_and_add(&losses->events, 1);
}

/* Room for a record without path and arguments; counted when there is none. */
static __always_inline struct process *reserve(void)
{
	struct process *process = bpf_ringbuf_reserve(&events, sizeof(*process), 0);

	if (!process)
		lost();
	return process;
}

SEC("tp_btf/sched_process_fork")
int process_forked(__u64 *context)
{
	struct task_struct *child = (void *)context[1];
	struct process *process;

	if (child->pid != child->tgid)
		return 0;
	process = reserve();
	if (!process)
		return 0;
	describe(process, child, PROCESS_FORK);
	process->cgroup = bpf_get_current_cgroup_id();
	bpf_ringbuf_submit(process, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exec")
int process_executed(__u64 *context)
{
	struct task_struct *task = (void *)context[0];
	struct exec_record *record = bpf_ringbuf_reserve(&events, sizeof(*record), 0);
	unsigned long start;
	__u32 length;

	if (!record) {
		lost();
		return 0;
	}
	describe(&record->process, task, PROCESS_EXEC);
	record->process.cgroup = bpf_get_current_cgroup_id();
	record->process.path_length = write_path(&record->path, executable_of(task));
	start = task->mm->arg_start;
	length = task->mm->arg_end - start;
	if (length >= ARGUMENTS_ROOM)
		length = ARGUMENTS_ROOM - 1;
	if (length > 0 && !bpf_probe_read_user(record->arguments, length & (ARGUMENTS_ROOM - 1), (void *)start))
		record->process.arguments_length = length;
	bpf_ringbuf_submit(record, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/task_rename")
int process_renamed(__u64 *context)
{
	struct task_struct *task = (void *)context[0];
	const char *name = (void *)context[1];
	struct process *process;

	if (task->pid != task->tgid)
		return 0;
	process = reserve();
	if (!process)
		return 0;
	describe(process, task, PROCESS_RENAME);
	bpf_probe_read_kernel_str(process->comm, sizeof(process->comm), name);
	bpf_ringbuf_submit(process, BPF_RB_NO_WAKEUP);
	return 0;
}

SEC("tp_btf/sched_process_exit")
int process_exited(__u64 *context)
{
	struct task_struct *task = (void *)context[0];

	struct process *process;

	/* The process ends with its last thread. */
	if (task->signal->live.counter != 0)
		return 0;
	process = reserve();
	if (!process)
		return 0;
	describe(process, task, PROCESS_EXIT);
	bpf_ringbuf_submit(process, BPF_RB_NO_WAKEUP);
	return 0;
}
