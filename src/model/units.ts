/**
 * Branded numbers, so that a port is never added to a process id.
 * A brand exists only for the type checker; at run time each is a plain number.
 */
declare const brand: unique symbol;

/** A value of type `T` that only code that names the brand `Name` may produce. */
export type Brand<T, Name extends string> = T & { readonly [brand]: Name };

/** A process id (thread group id) as seen from the initial pid namespace. */
export type Pid = Brand<number, "Pid">;
/** A transport port, 0 to 65535; 0 where the protocol has none. */
export type Port = Brand<number, "Port">;
/** Milliseconds since the Unix epoch, with a fraction where the source is finer. */
export type EpochMillis = Brand<number, "EpochMillis">;
/** The kernel's id of a cgroup v2 (its directory's inode number). */
export type CgroupId = Brand<number, "CgroupId">;
/** The kernel's cookie of a network namespace; 0 means not known. */
export type NetworkNamespace = Brand<number, "NetworkNamespace">;
/** Identifies one row of the connection table for the life of the program. */
export type ConnectionId = Brand<number, "ConnectionId">;

/** Marks a number as a process id; the caller has checked that it is one. */
export const pid = (value: number): Pid => value as Pid;
/** Marks a number as a port; the caller has checked that it is one. */
export const port = (value: number): Port => value as Port;
/** Marks a number as milliseconds since the epoch. */
export const epochMillis = (value: number): EpochMillis => value as EpochMillis;
/** Marks a number as a cgroup id. */
export const cgroupId = (value: number): CgroupId => value as CgroupId;
/** Marks a number as a network namespace cookie. */
export const networkNamespace = (value: number): NetworkNamespace => value as NetworkNamespace;
/** Marks a number as a connection id. */
export const connectionId = (value: number): ConnectionId => value as ConnectionId;
