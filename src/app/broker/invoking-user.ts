/** Who started the program: the caller of sudo, else the user it runs as. */
import { readFileSync } from "node:fs";
import { sudoCaller } from "../../host/linux/privileges.ts";

export interface InvokingUser {
  readonly uid: number;
  readonly gid: number;
  /** Absolute; undefined when the user has none. */
  readonly home: string | undefined;
}

/** The home that a passwd(5) file gives a user. */
export function homeIn(passwd: string, uid: number): string | undefined {
  for (const line of passwd.split("\n")) {
    const fields = line.split(":");
    const home = fields[5] ?? "";
    if (fields[2] === String(uid) && home.startsWith("/")) return home;
  }
  return undefined;
}

function readPasswd(): string {
  try {
    return readFileSync("/etc/passwd", "utf8");
  } catch {
    return "";
  }
}

export function invokingUser(environment: Readonly<Record<string, string | undefined>> = process.env): InvokingUser {
  const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
  const caller = uid === 0 ? sudoCaller(environment) : undefined;
  if (caller !== undefined) return { ...caller, home: homeIn(readPasswd(), caller.uid) };
  const { HOME: home } = environment;
  return { uid, gid, home: home?.startsWith("/") === true ? home : homeIn(readPasswd(), uid) };
}

/** Does `action` with the file rights of the user, and nothing but them; only root has to change for that. */
export function asUser<T>(user: InvokingUser, action: () => T): T {
  if (process.geteuid?.() !== 0 || user.uid === 0) return action();
  const groups = process.getgroups?.() ?? [];
  const group = process.getegid?.() ?? 0;
  process.setgroups?.([user.gid]);
  process.setegid?.(user.gid);
  process.seteuid?.(user.uid);
  try {
    return action();
  } finally {
    process.seteuid?.(0);
    process.setegid?.(group);
    process.setgroups?.(groups);
  }
}
