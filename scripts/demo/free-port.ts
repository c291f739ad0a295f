import { once } from 'node:events'
import { createServer } from 'node:net'

/** The wished port of 127.0.0.1 if nobody has it, else 0, which means any. */
export async function freePortOr0(wished: number): Promise<number> {
  const server = createServer()
  try {
    server.listen(wished, '127.0.0.1')
    await once(server, 'listening')
    return wished
  } catch {
    return 0
  } finally {
    server.close()
  }
}
