import type { Binding } from "./keys.ts";
import { fill, type Messages } from "./messages.ts";
import { tabs } from "./tab-screen.ts";

/** What a binding does, in words. */
export function bindingText(binding: Binding, messages: Messages): string {
  const tab = tabs.find((one) => one.command === binding.command);
  return fill(messages[binding.help], tab === undefined ? {} : { number: tab.key, tab: messages[tab.title] });
}
