/** The longest a timer can wait; a longer wait would end at once. */
const longestMs = 2 ** 31 - 1

/**
 * Settles as `work` does, or with the result of `onLate` when the time is up first. A later failure of `work` is ignored.
 */
export async function within<Value>(
  work: Promise<Value>,
  timeoutMs: number,
  onLate: () => Value,
): Promise<Value> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, Math.min(timeoutMs, longestMs))
  }).then(onLate)
  try {
    return await Promise.race([work, late])
  } finally {
    clearTimeout(timer)
  }
}
