/**
 * Puts long jobs into the emulator's queue; two of them run at once, the others wait.
 * Resolves with how to take them out again.
 */
export async function fillQueue(emulatorUrl: string, jobs: number): Promise<() => Promise<void>> {
  const app = `${emulatorUrl}/queue.fal.run/openrouter/router`
  const headers = { authorization: 'Key emulator:test', 'content-type': 'application/json' }
  const body = JSON.stringify({ prompt: '/long 5000', model: 'google/gemini-2.5-flash' })
  const ids = await Promise.all(
    Array.from({ length: jobs }, async () => {
      const response = await fetch(app, { method: 'POST', headers, body })
      const { request_id: id }: { readonly request_id?: unknown } = Object(await response.json())
      if (typeof id !== 'string') throw new Error(`The queue answered ${response.status}`)
      return id
    }),
  )
  return async () => {
    await Promise.all(
      ids.map((id) => fetch(`${app}/requests/${id}/cancel`, { method: 'PUT', headers })),
    )
  }
}
