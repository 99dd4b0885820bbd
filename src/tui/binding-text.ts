import { keyLabel, type Binding } from "./keys.ts";
import { fill, type Messages } from "./messages.ts";
import { tabs } from "./tab-screen.ts";

/** What a binding does, in words. */
export function bindingText(binding: Binding, messages: Messages): string {
  const tab = tabs.find((one) => one.command === binding.command);
  return fill(messages[binding.help], tab === undefined ? {} : { number: tab.key, tab: messages[tab.title] });
}

/** What is said of a key that does nothing where it was pressed: where it does something, if anywhere. */
export function unusedKeyText(key: string, table: readonly Binding[], messages: Messages, ascii: boolean): string {
  const label = keyLabel(key, ascii);
  const binding = table.find((one) => one.context !== "any" && one.keys.includes(key));
  const tab = tabs.find(({ id }) => id === binding?.context);
  if (binding === undefined || tab === undefined) return fill(messages.keyUnused, { key: label });
  const where = `${tab.key} ${messages[tab.title]}`;
  return fill(messages.keyElsewhere, { key: label, what: bindingText(binding, messages), tab: where });
}
