/** Runs several tasks at a time and hands their results on in the order of their items. */

/**
 * @param atOnce how many run together.
 * @param deliver is called once an item, in order, as soon as it and all before it are there.
 */
export async function inOrder<Item, Result>(
  items: Item[],
  atOnce: number,
  run: (item: Item) => Promise<Result>,
  deliver: (result: Result) => void,
): Promise<void> {
  const ready = new Map<number, Result>();
  let next = 0;
  let delivered = 0;

  async function work(): Promise<void> {
    while (next < items.length) {
      const index = next++;
      ready.set(index, await run(items[index]!));
      while (ready.has(delivered)) {
        deliver(ready.get(delivered)!);
        ready.delete(delivered++);
      }
    }
  }

  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, work));
}
