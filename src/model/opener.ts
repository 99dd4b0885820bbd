import type { Connection, Endpoint } from "./connection.ts";

/** The side that opened the connection (EVE's source); this machine's side where nobody knows. */
export const sourceOf = (connection: Connection): Endpoint =>
  connection.direction === "inbound" ? connection.remote : connection.local;

/** The side that was called (EVE's destination); the other machine's side where nobody knows who opened. */
export const destinationOf = (connection: Connection): Endpoint =>
  connection.direction === "inbound" ? connection.local : connection.remote;

/** Whether this machine's side is the source: then what it transmits goes "to server". */
export const localIsSource = (connection: Connection): boolean => connection.direction !== "inbound";
