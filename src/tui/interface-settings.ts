import type { Snapshot } from "../model/index.ts";
import type { ScreenSettings } from "./screen-settings.ts";

/** The state with its interfaces as somebody wants to see them: under other names, or not at all. */
export function withInterfaceSettings(snapshot: Snapshot, settings: ScreenSettings["interfaces"]): Snapshot {
  if (settings === undefined || Object.keys(settings).length === 0) return snapshot;
  const interfaces = snapshot.interfaces.flatMap((one) => {
    const { label, hidden } = settings[one.name] ?? {};
    return hidden === true ? [] : [label === undefined ? one : { ...one, name: label }];
  });
  return { ...snapshot, interfaces };
}
