import type { Snapshot } from "../model/index.ts";
import type { Scroll } from "./frame-encoder.ts";
import type { Binding } from "./keys.ts";
import type { OverlayStack } from "./overlay.ts";
import type { PlaybackState } from "./playback.ts";
import { tabs, type TabId, type TabScreen } from "./tab-screen.ts";
import { drawFooter } from "./widgets/footer.ts";
import { drawTitle } from "./widgets/header.ts";
import { drawTimeline } from "./widgets/timeline.ts";
import type { Paint, Rectangle, Span } from "./widgets/paint.ts";

/** What one frame shows. */
export interface ScreenView {
  readonly active: TabId;
  readonly tab: TabScreen;
  readonly snapshot: Snapshot | undefined;
  /** Addresses, names and users are hidden. */
  readonly private: boolean;
  readonly overlays: OverlayStack;
  readonly keys: readonly Binding[];
  /** Where a replay stands; undefined live. */
  readonly playback: PlaybackState | undefined;
  /** A short message for the last line. */
  readonly notice: string | undefined;
  /** What is wrong, for the last line. */
  readonly problem: string | undefined;
}

/** Draws the title, the tab, the last line and what lies over them. */
export function drawScreen(paint: Paint, view: ScreenView): Scroll | undefined {
  const { columns: width, rows: height } = paint.buffer;
  const top = height >= 4 ? 1 : 0;
  const bottom = height >= 5 || (view.tab.typing === true && height >= 2) ? 1 : 0;
  if (top > 0) drawTitle(paint, 0, width, tabs, view.active, view.snapshot, view.private);
  const timeline = view.playback !== undefined && height >= 6 ? 1 : 0;
  const scroll = drawTab(paint, { x: 0, y: top, width, height: height - top - timeline - bottom }, view);
  if (view.playback !== undefined && timeline > 0) drawTimeline(paint, height - 1 - bottom, width, view.playback);
  if (bottom > 0) drawLastLine(paint, height - 1, width, view);
  view.overlays.draw(paint, { x: 0, y: 0, width, height });
  return scroll;
}

function drawTab(paint: Paint, place: Rectangle, { tab, snapshot }: ScreenView): Scroll | undefined {
  if (snapshot !== undefined) return tab.draw(paint, place, snapshot);
  const { buffer, styles, messages } = paint;
  buffer.text(place.x + 1, place.y + (place.height > 4 ? 1 : 0), messages.waiting, styles.muted, place.width - 1);
  return undefined;
}

function drawLastLine(paint: Paint, y: number, width: number, view: ScreenView): void {
  const { tab, notice, problem, keys, active } = view;
  if (tab.typing === true && tab.footer !== undefined) {
    tab.footer(paint, y, width);
    return;
  }
  const right: Span[] =
    notice !== undefined
      ? [[notice, paint.styles.accent]]
      : problem !== undefined
        ? [[problem, paint.styles.error]]
        : [];
  drawFooter(paint, y, width, keys, active, right);
}
