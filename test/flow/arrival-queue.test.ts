import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ArrivalQueue } from "../../src/flow/arrival-queue.ts";

interface Guest {
  readonly name: number;
  ticket: number;
}

const queueOfGuests = (): ArrivalQueue<Guest> => new ArrivalQueue((guest, ticket) => (guest.ticket = ticket));

describe("arrival queue", () => {
  it("gives what came first, whoever left", () => {
    const queue = queueOfGuests();
    const guests = [0, 1, 2, 3].map((name) => ({ name, ticket: -1 }));
    for (const guest of guests) queue.add(guest);
    assert.equal(queue.oldest?.name, 0);
    queue.remove(guests[0]!.ticket);
    queue.remove(guests[2]!.ticket);
    assert.equal(queue.oldest?.name, 1);
    queue.remove(guests[1]!.ticket);
    assert.equal(queue.oldest?.name, 3);
    queue.add(guests[0]!);
    queue.remove(guests[3]!.ticket);
    assert.equal(queue.oldest?.name, 0);
    assert.equal(queue.size, 1);
  });

  it("removes nothing twice, and is empty at the end", () => {
    const queue = queueOfGuests();
    const guest = { name: 1, ticket: -1 };
    queue.add(guest);
    queue.remove(guest.ticket);
    queue.remove(guest.ticket);
    assert.equal(queue.size, 0);
    assert.equal(queue.oldest, undefined);
  });

  it("does as a Map does while many come and go beside one that stays", () => {
    const queue = queueOfGuests();
    const model = new Map<number, Guest>();
    let highest = 0;
    for (let name = 0; name < 50_000; name++) {
      const guest = { name, ticket: -1 };
      queue.add(guest);
      model.set(name, guest);
      highest = Math.max(highest, guest.ticket);
      // All but every thousandth leave, in another order than they came.
      const leaving = model.get(name - (name % 7) * 3 - 1);
      if (leaving !== undefined && leaving.name % 1000 !== 0) {
        queue.remove(leaving.ticket);
        model.delete(leaving.name);
      }
      if (model.size > 500) {
        const oldest: Guest = model.values().next().value!;
        assert.equal(queue.oldest, oldest);
        queue.remove(oldest.ticket);
        model.delete(oldest.name);
      }
    }
    assert.equal(queue.size, model.size);
    while (queue.oldest !== undefined) {
      assert.equal(queue.oldest, model.values().next().value);
      model.delete(queue.oldest.name);
      queue.remove(queue.oldest.ticket);
    }
    assert.equal(model.size, 0);
    // Places of those that left are used again.
    assert.ok(highest < 5000, `tickets go up to ${highest}`);
  });
});
