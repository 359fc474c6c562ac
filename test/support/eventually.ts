/** Waits (5 s at most) for what no screen is told; for what one is told, `person.hears` is the better proof. */
export async function eventually<T>(found: () => Promise<T | undefined | false> | T | undefined | false, what: string): Promise<T> {
  const deadline = Date.now() + 5000;
  for (;;) {
    const result = await found();
    if (result) return result;
    if (Date.now() > deadline) throw new Error(`never came: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
