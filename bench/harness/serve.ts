/** Answers the questions of the process that started this one, and ends with it. */
export function serve<Question>(answer: (question: Question) => unknown): void {
  process.on('message', async (message) => {
    // The other side is `startChild`.
    const { id, question } = message as { readonly id: number; readonly question: Question }
    try {
      process.send?.({ id, answer: await answer(question) })
    } catch (error) {
      const reason = error instanceof Error ? (error.stack ?? error.message) : String(error)
      process.send?.({ id, error: reason })
    }
  })
  process.on('disconnect', () => process.exit())
}
