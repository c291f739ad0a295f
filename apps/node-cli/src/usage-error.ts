/** A call that cannot work. Its message is the one sentence to show. */
export class UsageError extends Error {
  override readonly name = 'UsageError'
}
