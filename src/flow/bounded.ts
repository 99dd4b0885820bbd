/**
 * Keeps a collection in insertion order within `atMost` members: once it is larger, `drop` is called for the oldest until
 * a sixty-fourth of the room is free. In one go, because every search for the first member of a Map or Set passes over
 * the places of those that were deleted.
 */
export function dropOldest<Member>(
  collection: { readonly size: number; keys(): Iterable<Member> },
  atMost: number,
  drop: (member: Member) => void,
): void {
  if (collection.size <= atMost) return;
  const goal = atMost - (atMost >> 6);
  for (const member of collection.keys()) {
    drop(member);
    if (collection.size <= goal) return;
  }
}
