/** Resolves with the promise, or without it after a while, milliseconds. The promise must not reject. */
export function atMost(promise: Promise<void>, limitMs: number): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, limitMs)
    void promise.finally(() => {
      clearTimeout(timer)
      resolve()
    })
  })
}
