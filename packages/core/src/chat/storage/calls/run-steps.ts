// A storage answers at once (localStorage) or later (IndexedDB, a server). The same steps serve both: they wait only
// where there is something to wait for, so what is synchronous stays so and is done before a page is gone.

/** Steps that may have to wait: `yield* wait(value)`. */
export type Steps<T> = Generator<PromiseLike<unknown>, T, unknown>

/** A value that is there, or that will be. */
export type Soon<T> = T | PromiseLike<T>

/** Waits for a value if it is not there yet. */
export function* wait<T>(value: Soon<T>): Steps<T> {
  // `runSteps` hands back what the promise it was given resolved with.
  return isSoon(value) ? ((yield value) as T) : value
}

/** Waits for several values at once. */
export function* waitAll<T>(values: readonly Soon<T>[]): Steps<readonly T[]> {
  if (values.some(isSoon)) return yield* wait<readonly T[]>(Promise.all(values))
  // None of them is a promise.
  return values as readonly T[]
}

/** Runs steps; a promise only when one of them waited. What a step throws is thrown, or rejected. */
export function runSteps<T>(steps: Steps<T>): T | Promise<T> {
  let step = steps.next()
  if (step.done) return step.value
  return (async () => {
    while (!step.done) {
      let result: unknown
      let failure: { readonly cause: unknown } | undefined
      try {
        result = await step.value
      } catch (cause) {
        failure = { cause }
      }
      step = failure ? steps.throw(failure.cause) : steps.next(result)
    }
    return step.value
  })()
}

/** Whether something is a promise. */
export function isSoon(value: unknown): value is PromiseLike<unknown> {
  return typeof value === 'object' && value !== null && 'then' in value
}
